/** The decision table, row by row, under the four policies; then what the single decisions promise. */
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decide, notInSource, type Decision, type Pair } from '../../shared/sync/decide.ts';
import { digester } from '../../shared/sync/digest.ts';
import type { Entity, Item } from '../../shared/sync/item.ts';
import type { Link, Origin, Proof } from '../../shared/sync/link.ts';
import { mirror, moderated, oneWay, twoWay, type Policy } from '../../shared/sync/policy.ts';
import { makeBase, unseen, type Rules, type View } from '../../shared/sync/views.ts';

const policies = { oneWay, mirror, twoWay, moderated };
type PolicyName = keyof typeof policies;
const allPolicies: readonly PolicyName[] = ['oneWay', 'mirror', 'twoWay', 'moderated'];

const digests = digester('an invented key, long enough', ['title', 'place', 'notes']);
const rulesOf = (policy: Policy): Rules => ({ policy, digests, shape: 'pages-1', keyFor: (side, from, lives) => `${side}/${from.id}/${lives}`, now: 0 });

const agreed: Entity = { title: 'Choir', place: 'Hall', notes: 'Bring chairs' };
const present = (id: string, entity: Entity, more: Partial<Item> = {}): View => ({ kind: 'present', item: { id, entity, belongs: true, ...more } });
const source = (entity: Entity, more: Partial<Item> = {}): View => present('s1', { ...agreed, ...entity }, more);
const target = (entity: Entity, more: Partial<Item> = {}): View => present('t1', { ...agreed, ...entity }, more);
const sourceThat = (absentBecause: string, entity: Entity = {}): View => source(entity, { belongs: { absentBecause } });
const goneBy = (proof: Proof): View => ({ kind: 'gone', proof });
const scanned: Proof = { kind: 'scan', read: 7, declared: 7 };

const bareLink: Link = { stream: 'pages', key: 'k', origin: 'created', versions: {}, state: 'agreed', lives: 0, log: [], touched: 0, rev: 1 };
const linked = (some: Partial<Link> = {}): Link => {
  const base = makeBase({ shape: 'pages-1' }, digests.entity(agreed), digests.entity(agreed));
  return { ...bareLink, sourceId: 's1', targetId: 't1', base, ...some };
};

/** What a decision comes to in words; values are told, since a right verb with a wrong value is wrong. */
function told(decision: Decision): string {
  if (decision.kind === 'settle') return `settle ${decision.what}`;
  if (decision.kind === 'conflict') return `conflict ${decision.code} ${decision.fields.join(' ')}`;
  if (decision.kind === 'nothing') return 'nothing';
  return decision.writes.map((write) => {
    if (write.kind !== 'update') return `${write.kind} ${write.side}`;
    return `update ${write.side} ${Object.entries(write.fields).map(([field, value]) => `${field}=${String(value)}`).join(' ')}`;
  }).join(', ');
}

const nextOf = (decision: Decision) => ('next' in decision ? decision.next : undefined);
const writesOf = (decision: Decision) => (decision.kind === 'change' ? decision.writes : []);

/** Both entities after the updates of a decision. */
const carriedOut = (decision: Decision, ours: Entity, theirs: Entity) => {
  const after = { source: { ...ours }, target: { ...theirs } };
  for (const write of writesOf(decision)) if (write.kind === 'update') Object.assign(after[write.side], write.fields);
  return after;
};

interface Row {
  readonly source: string;
  readonly target: string;
  readonly origin?: Origin;
  readonly absent?: string;
  /** One answer for all policies, or one for each. */
  readonly becomes: string | Readonly<Record<PolicyName, string>>;
}

const views: Readonly<Record<'source' | 'target', Readonly<Record<string, View>>>> = {
  source: {
    unseen, none: unseen, new: source({}), unchanged: source({}), changed: source({ title: 'Band' }), 'changed alike': source({ title: 'Trio' }),
    'new, unbelonging': sourceThat('draft'), unbelonging: sourceThat('draft'), gone: goneBy(scanned),
    'new, other': source({ title: 'Band', notes: null }),
  },
  target: {
    unseen, none: unseen, new: target({}), unchanged: target({}), changed: target({ title: 'Duo' }), 'changed alike': target({ title: 'Trio' }),
    'changed elsewhere': target({ place: 'Attic' }), gone: goneBy(scanned),
    'new, other': target({ title: 'Duo', place: null }), 'new, of ours': target({}, { reference: 's1' }), 'new, naming a lost source': target({}, { reference: 's9' }),
  },
};

const forEach = (one: string, two: string, three: string, four: string) => ({ oneWay: one, mirror: two, twoWay: three, moderated: four });

const unlinkedTable: readonly Row[] = [
  { source: 'new', target: 'none', becomes: 'create target' },
  { source: 'new, unbelonging', target: 'none', becomes: 'settle absent' },
  { source: 'none', target: 'new', becomes: forEach('settle absent', 'settle absent', 'create source', 'create source') },
  { source: 'none', target: 'new, naming a lost source', becomes: 'settle absent' },
  { source: 'none', target: 'none', becomes: 'nothing' },
  { source: 'new', target: 'new', becomes: 'settle linked' },
  {
    source: 'new, other', target: 'new, other',
    becomes: forEach(
      'update target place=Hall title=Band', 'update target place=Hall title=Band',
      'update target place=Hall title=Band, update source notes=Bring chairs', 'update target place=Hall title=Band, update source notes=Bring chairs',
    ),
  },
  { source: 'new, unbelonging', target: 'new', becomes: 'settle linked' },
  { source: 'new, unbelonging', target: 'new, of ours', becomes: 'delete target' },
];

const linkedTable: readonly Row[] = [
  { source: 'unchanged', target: 'unchanged', becomes: 'nothing' },
  { source: 'unseen', target: 'unseen', becomes: 'nothing' },
  { source: 'changed', target: 'unchanged', becomes: 'update target title=Band' },
  { source: 'changed', target: 'unseen', becomes: 'update target title=Band' },
  { source: 'unchanged', target: 'changed', becomes: forEach('settle rebased', 'update target title=Choir', 'update source title=Duo', 'conflict TARGET_EDITED title') },
  { source: 'changed', target: 'changed', becomes: forEach('update target title=Band', 'update target title=Band', 'conflict BOTH_EDITED title', 'conflict BOTH_EDITED title') },
  { source: 'changed alike', target: 'changed alike', becomes: 'settle rebased' },
  {
    source: 'changed', target: 'changed elsewhere',
    becomes: forEach('update target title=Band', 'update target title=Band place=Hall', 'update target title=Band, update source place=Attic', 'conflict TARGET_EDITED place'),
  },
  { source: 'unbelonging', target: 'unchanged', origin: 'created', becomes: 'delete target' },
  { source: 'unbelonging', target: 'unchanged', origin: 'told', becomes: 'delete target' },
  { source: 'unbelonging', target: 'unchanged', origin: 'adopted', becomes: 'settle rebased' },
  { source: 'unbelonging', target: 'changed', origin: 'created', becomes: 'delete target' },
  { source: 'unbelonging', target: 'changed', origin: 'adopted', becomes: forEach('settle rebased', 'settle rebased', 'update source title=Duo', 'update source title=Duo') },
  { source: 'gone', target: 'unchanged', origin: 'created', becomes: 'delete target' },
  { source: 'gone', target: 'unseen', origin: 'created', becomes: 'delete target' },
  { source: 'gone', target: 'unchanged', origin: 'told', becomes: 'delete target' },
  { source: 'gone', target: 'unchanged', origin: 'adopted', becomes: 'settle absent' },
  { source: 'gone', target: 'changed', origin: 'created', becomes: forEach('delete target', 'delete target', 'conflict TARGET_EDITED title', 'conflict TARGET_EDITED title') },
  { source: 'unchanged', target: 'gone', becomes: forEach('create target', 'create target', 'delete source', 'create target') },
  { source: 'unseen', target: 'gone', becomes: forEach('nothing', 'nothing', 'delete source', 'nothing') },
  { source: 'unbelonging', target: 'gone', becomes: forEach('settle absent', 'settle absent', 'delete source', 'settle absent') },
  { source: 'gone', target: 'gone', becomes: 'settle gone' },
];

const spread = (rows: readonly Row[]) => rows.flatMap((row) => allPolicies.map((policy) => ({
  ...row, policy, origin: row.origin ?? ('created' as const), expected: typeof row.becomes === 'string' ? row.becomes : row.becomes[policy],
})));

const viewOf = (side: 'source' | 'target', name: string): View => {
  const view = views[side][name];
  if (!view) throw new Error(`no ${side} is called ${name}`);
  return view;
};

describe('the decision table', () => {
  test.each(spread(unlinkedTable))('source $source, target $target, not linked, $policy: $expected', (row) => {
    const decision = decide(rulesOf(policies[row.policy]), { source: viewOf('source', row.source), target: viewOf('target', row.target) });

    expect(told(decision)).toBe(row.expected);
  });

  test.each(spread(linkedTable))('source $source, target $target, linked ($origin), $policy: $expected', (row) => {
    const link = linked({ origin: row.origin });

    const decision = decide(rulesOf(policies[row.policy]), { link, source: viewOf('source', row.source), target: viewOf('target', row.target) });

    expect(told(decision)).toBe(row.expected);
  });

  test('a policy may take away what only the target has, after one more look', () => {
    const decision = decide(rulesOf({ ...oneWay, targetNew: 'remove' }), { source: unseen, target: target({}) });

    expect(writesOf(decision)).toEqual([{ kind: 'delete', side: 'target', proof: { kind: 'look-up' }, reason: 'not in the source' }]);
    expect(nextOf(decision)).toMatchObject({ state: 'gone' });
  });

  test.each([
    ['source', 'update target title=Band'],
    ['target', 'update source title=Duo'],
  ] as const)('where both edited a field, a policy may let the %s win without asking', (bothEdited, expected) => {
    const decision = decide(rulesOf({ ...twoWay, bothEdited }), { link: linked(), source: source({ title: 'Band' }), target: target({ title: 'Duo' }) });

    expect(told(decision)).toBe(expected);
  });

  test('a policy may accept that the target deleted an item', () => {
    const decision = decide(rulesOf({ ...twoWay, targetDeleted: 'accept' }), { link: linked(), source: source({}), target: goneBy(scanned) });

    expect(told(decision)).toBe('settle absent');
    expect(nextOf(decision)).toMatchObject({ state: 'agreed', absent: 'deleted in the target' });
  });

  test('a tombstone is made once', () => {
    const decision = decide(rulesOf(twoWay), { link: linked({ state: 'gone', absent: 'gone from both sides' }), source: goneBy(scanned), target: goneBy(scanned) });

    expect(decision).toEqual({ kind: 'nothing' });
  });

  test.each([
    ['source', { source: goneBy(scanned), target: unseen }],
    ['target', { source: unseen, target: goneBy(scanned) }],
  ] as const)('a link that never agreed on anything ends when its item goes from the %s', (_, pair) => {
    expect(nextOf(decide(rulesOf(twoWay), { link: bareLink, ...pair }))).toMatchObject({ state: 'gone' });
    expect(decide(rulesOf(twoWay), { link: { ...bareLink, state: 'gone' }, ...pair })).toEqual({ kind: 'nothing' });
  });

  test.each<[Origin, string]>([['adopted', notInSource], ['created', 'gone from the source'], ['told', 'gone from the source']])('cleaning removes what is %s and has no source, because it is %s', (origin, reason) => {
    const decision = decide(rulesOf({ ...moderated, targetNew: 'remove' }), { link: linked({ origin }), source: goneBy(scanned), target: unseen });

    expect(decision).toMatchObject({ kind: 'change', writes: [{ kind: 'delete', side: 'target', proof: scanned, reason }], next: { state: 'gone', absent: reason } });
  });

  test.each<[string, Pick<Pair, 'source' | 'target'>, boolean]>([
    ['nobody has touched it', { source: unseen, target: target({}, { version: 'v1' }) }, true],
    ['its source is gone still', { source: goneBy(scanned), target: unseen }, true],
    ['somebody has edited it since', { source: unseen, target: target({}, { version: 'v2' }) }, false],
    ['its source is back', { source: source({}), target: target({}, { version: 'v1' }) }, false],
    ['it is gone already', { source: unseen, target: goneBy(scanned) }, false],
  ])('what a cleaning run asked about, and %s', (_what, sides, stays) => {
    const pair = { source: unseen, target: target({}, { version: 'v1' }) };
    const asked = decide(rulesOf({ ...twoWay, targetNew: 'remove' }), { ...pair, link: undefined });
    const writes = writesOf(asked);
    const next = nextOf(asked) ?? { origin: 'created', state: 'agreed', absent: undefined };
    const link: Link = { ...bareLink, targetId: 't1', versions: { target: 'v1' }, state: 'pending', pending: { id: 'p', plan: 'p', at: 0, writes, next } };

    const later = decide(rulesOf(twoWay), { link, ...sides });

    expect(writes).toMatchObject([{ kind: 'delete', side: 'target', reason: notInSource }]);
    expect(isDeepStrictEqual(later, asked)).toBe(stays);
  });

  test('cleaning leaves to a person what was edited after its source went', () => {
    const decision = decide(rulesOf({ ...moderated, targetNew: 'remove' }), { link: linked({ origin: 'adopted' }), source: goneBy(scanned), target: target({ title: 'Duo' }) });

    expect(decision).toMatchObject({ kind: 'conflict', code: 'TARGET_EDITED', fields: ['title'] });
  });

  test('an adopted item whose source went is settled once', () => {
    const rules = rulesOf(twoWay);
    const pair = { source: goneBy(scanned), target: target({}) };

    const first = decide(rules, { link: linked({ origin: 'adopted' }), ...pair });
    const second = decide(rules, { link: linked({ origin: 'adopted', ...nextOf(first) }), ...pair });

    expect([told(first), told(second)]).toEqual(['settle absent', 'nothing']);
  });

  test.each([
    { targetDeleted: 'withdraw', targetDeletedWhilePending: 'accept', sourceItem: 'unbelonging', expected: 'settle absent' },
    { targetDeleted: 'withdraw', targetDeletedWhilePending: 'accept', sourceItem: 'unchanged', expected: 'delete source' },
    { targetDeleted: 'accept', targetDeletedWhilePending: 'withdraw', sourceItem: 'unbelonging', expected: 'delete source' },
    { targetDeleted: 'accept', targetDeletedWhilePending: 'withdraw', sourceItem: 'unchanged', expected: 'settle absent' },
  ] as const)('deleted in the target, $targetDeleted, while pending $targetDeletedWhilePending, source $sourceItem: $expected', ({ sourceItem, expected, ...choices }) => {
    const decision = decide(rulesOf({ ...twoWay, ...choices }), { link: linked(), source: viewOf('source', sourceItem), target: goneBy(scanned) });

    expect(told(decision)).toBe(expected);
  });
});

describe('withdrawals carry their proof', () => {
  test.each<Proof>([scanned, { kind: 'tombstone' }, { kind: 'look-up' }])('the proof ($kind) that the source is gone goes with the withdrawal of the target', (proof) => {
    const decision = decide(rulesOf(oneWay), { link: linked(), source: goneBy(proof), target: unseen });

    expect(writesOf(decision)).toEqual([{ kind: 'delete', side: 'target', proof, reason: 'gone from the source' }]);
    expect(nextOf(decision)).toMatchObject({ state: 'gone', origin: 'created' });
  });

  test('the proof that the target is gone goes with the withdrawal of the source', () => {
    const decision = decide(rulesOf(twoWay), { link: linked(), source: source({}), target: goneBy({ kind: 'tombstone' }) });

    expect(writesOf(decision)).toEqual([{ kind: 'delete', side: 'source', proof: { kind: 'tombstone' }, reason: 'gone from the target' }]);
    expect(nextOf(decision)).toMatchObject({ state: 'gone' });
  });

  test('what its people, or another worker, have archived already is not archived once more, staged or not', () => {
    const rules = rulesOf({ ...twoWay, targetDeletedWhilePending: 'withdraw' });
    const pair = { source: sourceThat('archived'), target: goneBy({ kind: 'tombstone' }) };
    const staged = decide(rules, { link: linked(), source: sourceThat('draft'), target: pair.target });
    const pending = { id: 'p', plan: 'p', at: 0, writes: [...writesOf(staged)], next: nextOf(staged) ?? { origin: 'created', state: 'gone', absent: undefined } } satisfies Link['pending'];

    const [unstaged, again] = [decide(rules, { link: linked(), ...pair }), decide(rules, { link: linked({ targetId: undefined, state: 'pending', pending }), ...pair })];

    expect([told(staged), told(unstaged), told(again)]).toEqual(['delete source', 'settle absent', 'settle absent']);
    expect(nextOf(again)).toMatchObject({ state: 'agreed', absent: 'archived' });
  });

  test('an item that never was in the target is not withdrawn for being absent there', () => {
    const decision = decide(rulesOf(twoWay), { link: linked({ targetId: undefined, absent: 'draft' }), source: sourceThat('draft'), target: goneBy(scanned) });

    expect(decision).toEqual({ kind: 'nothing' });
  });

  test('a withdrawal that is still owed is made when the target is seen again, and the pair lives on', () => {
    const decision = decide(rulesOf(oneWay), { link: linked({ absent: 'draft' }), source: unseen, target: target({}) });

    expect(writesOf(decision)).toEqual([{ kind: 'delete', side: 'target', proof: { kind: 'says-so' }, reason: 'draft' }]);
    expect(nextOf(decision)).toMatchObject({ state: 'agreed', absent: 'draft' });
  });

  test('a withdrawn item is remembered as the source holds it now', () => {
    const decision = decide(rulesOf(oneWay), { link: linked(), source: sourceThat('draft', { title: 'Band' }), target: unseen });

    expect(nextOf(decision)?.base).toEqual(makeBase({ shape: 'pages-1' }, digests.entity({ ...agreed, title: 'Band' }), digests.entity(agreed)));
  });

  test('an item that says that it does not belong is its own proof, and the pair lives on', () => {
    const decision = decide(rulesOf(oneWay), { link: linked(), source: sourceThat('draft'), target: unseen });

    expect(writesOf(decision)).toEqual([{ kind: 'delete', side: 'target', proof: { kind: 'says-so' }, reason: 'draft' }]);
    expect(nextOf(decision)).toMatchObject({ state: 'agreed', absent: 'draft' });
  });
});

describe('who brought the target item', () => {
  test.each<{ policy: PolicyName; belongs: boolean; reference?: string; linkOrigin: Origin; origin: Origin; why: string }>([
    { policy: 'twoWay', belongs: true, linkOrigin: 'adopted', origin: 'adopted', why: 'it stood there already' },
    { policy: 'moderated', belongs: true, linkOrigin: 'adopted', origin: 'told', why: 'a moderator approved the source item' },
    { policy: 'moderated', belongs: false, linkOrigin: 'adopted', origin: 'adopted', why: 'nobody has approved it yet' },
    { policy: 'moderated', belongs: true, reference: 's1', linkOrigin: 'adopted', origin: 'created', why: 'it names our source item' },
    { policy: 'twoWay', belongs: true, reference: 's2', linkOrigin: 'adopted', origin: 'adopted', why: 'it names another item' },
    { policy: 'twoWay', belongs: true, linkOrigin: 'created', origin: 'adopted', why: 'our link would have made it, and did not' },
  ])('a matched pair is $origin where $why ($policy)', ({ policy, belongs, reference, linkOrigin, origin }) => {
    const link = { ...bareLink, origin: linkOrigin };

    const decision = decide(rulesOf(policies[policy]), { link, source: belongs ? source({}) : sourceThat('pending'), target: target({}, { reference }) });

    expect(decision).toMatchObject({ kind: 'settle', what: 'linked', next: { origin, absent: belongs ? undefined : 'pending' } });
  });

  test('a matched pair that is not approved is linked without touching the target', () => {
    const decision = decide(rulesOf(moderated), { source: sourceThat('pending', { title: 'Band', notes: null }), target: target({ place: null }) });

    expect(told(decision)).toBe('update source notes=Bring chairs');
  });

  test('what a policy may fill in the source, the base knows already', () => {
    const decision = decide(rulesOf(twoWay), { source: source({ notes: null }), target: target({ place: '' }) });

    expect(nextOf(decision)?.base).toEqual(makeBase({ shape: 'pages-1' }, digests.entity(agreed), digests.entity(agreed)));
  });
});

describe('from the target to a moderator and back', () => {
  const pending = linked({ origin: 'adopted', absent: 'pending' });

  test('an item that is new in the target is imported as pending, and stays the target\'s', () => {
    const decision = decide(rulesOf(moderated), { source: unseen, target: target({}) });

    expect(writesOf(decision)).toEqual([{ kind: 'create', side: 'source', key: 'source/t1/0', entity: agreed, reason: 'new' }]);
    expect(nextOf(decision)).toMatchObject({ origin: 'adopted', state: 'agreed', absent: 'pending' });
  });

  test('while it is pending nothing happens to it, though it is looked at again', () => {
    expect(decide(rulesOf(moderated), { link: pending, source: sourceThat('pending'), target: target({}) })).toEqual({ kind: 'nothing' });
  });

  test('approval tells us that the item is ours to manage, without a call', () => {
    const decision = decide(rulesOf(moderated), { link: pending, source: source({}), target: target({}) });

    expect(decision).toMatchObject({ kind: 'settle', what: 'rebased', next: { origin: 'told', state: 'agreed' } });
    expect(nextOf(decision)?.absent).toBeUndefined();
  });

  test('an adopted item that belongs is told as soon as the policy hears belonging as a word', () => {
    const decision = decide(rulesOf(moderated), { link: linked({ origin: 'adopted' }), source: source({}), target: target({}) });

    expect(decision).toMatchObject({ kind: 'settle', next: { origin: 'told' } });
  });

  test('where belonging is nobody\'s word, an adopted item stays adopted', () => {
    const decision = decide(rulesOf(twoWay), { link: pending, source: source({}), target: target({}) });

    expect(nextOf(decision)).toMatchObject({ origin: 'adopted' });
  });

  test('what the source\'s people wrote while it was pending waits for the approval and is carried over then', () => {
    const rules = rulesOf(moderated);

    const waiting = decide(rules, { link: pending, source: sourceThat('pending', { title: 'Band' }), target: target({}) });
    const approved = decide(rules, { link: { ...pending, ...nextOf(waiting) }, source: source({ title: 'Band' }), target: target({}) });

    expect(waiting.kind).not.toBe('change');
    expect(told(approved)).toBe('update target title=Band');
  });

  test('a field that both edited while it was pending is shown at the approval', () => {
    const rules = rulesOf(moderated);
    const edited = target({ title: 'Duo', place: 'Attic' });

    const waiting = decide(rules, { link: pending, source: sourceThat('pending', { title: 'Band' }), target: edited });
    const approved = decide(rules, { link: { ...pending, ...nextOf(waiting) }, source: source({ title: 'Band', place: 'Attic' }), target: edited });

    expect(told(waiting)).toBe('update source place=Attic');
    expect(told(approved)).toBe('conflict BOTH_EDITED title');
  });

  test('an approved item that loses its approval leaves the target', () => {
    const decision = decide(rulesOf(moderated), { link: linked({ origin: 'told' }), source: sourceThat('rejected'), target: target({}) });

    expect(told(decision)).toBe('delete target');
  });

  test.each([
    { rejectedWithdraws: false, reason: 'rejected', expected: 'settle rebased' },
    { rejectedWithdraws: true, reason: 'rejected', expected: 'delete target' },
    { rejectedWithdraws: true, reason: 'draft', expected: 'settle rebased' },
  ])('an item that never belonged and is $reason, rejection withdraws $rejectedWithdraws: $expected', ({ rejectedWithdraws, reason, expected }) => {
    const decision = decide(rulesOf({ ...moderated, rejectedWithdraws }), { link: pending, source: sourceThat(reason), target: target({}) });

    expect(told(decision)).toBe(expected);
  });

  test.each(allPolicies)('an item of ours that comes to belong again is made again (%s)', (name) => {
    const link = linked({ targetId: undefined, absent: 'draft' });

    const before = decide(rulesOf(policies[name]), { link, source: sourceThat('draft'), target: unseen });
    const decision = decide(rulesOf(policies[name]), { link, source: source({}), target: unseen });

    expect(before).toEqual({ kind: 'nothing' });
    expect(writesOf(decision)).toMatchObject([{ kind: 'create', side: 'target', reason: 'reappeared', entity: agreed }]);
  });

  test('an edit of an item that is absent from the target is remembered, without a call', () => {
    const decision = decide(rulesOf(moderated), { link: linked({ targetId: undefined, absent: 'draft' }), source: sourceThat('draft', { title: 'Band' }), target: unseen });

    expect(decision).toMatchObject({ kind: 'settle', what: 'absent', next: { absent: 'draft', base: { source: digests.entity({ ...agreed, title: 'Band' }) } } });
  });

  test('a pending item that went from the target is settled though the reason is known, so that its id is dropped', () => {
    const decision = decide(rulesOf(moderated), { link: pending, source: sourceThat('pending'), target: goneBy(scanned) });

    expect(decision).toMatchObject({ kind: 'settle', what: 'absent', next: { absent: 'pending' } });
  });

  test('a reason that changes is remembered, without a call', () => {
    const decision = decide(rulesOf(moderated), { link: pending, source: sourceThat('rejected'), target: target({}) });

    expect(decision).toMatchObject({ kind: 'settle', next: { absent: 'rejected', origin: 'adopted' } });
  });
});

describe('the name of a new item', () => {
  test('a new one is named for the item it comes from', () => {
    expect(writesOf(decide(rulesOf(oneWay), { source: source({}), target: unseen }))).toMatchObject([{ key: 'target/s1/0', reason: 'new' }]);
  });

  test('what is put back gets a name that none of its lives had', () => {
    const decision = decide(rulesOf(mirror), { link: linked({ lives: 2 }), source: source({}), target: goneBy(scanned) });

    expect(writesOf(decision)).toMatchObject([{ key: 'target/s1/3', reason: 'put back' }]);
  });

  test('what reappears takes the name of its next life, which was counted when the last one ended', () => {
    const decision = decide(rulesOf(mirror), { link: linked({ lives: 2, targetId: undefined, absent: 'draft' }), source: source({}), target: unseen });

    expect(writesOf(decision)).toMatchObject([{ key: 'target/s1/2', reason: 'reappeared' }]);
  });

  test.each<[Origin, Origin]>([['adopted', 'told'], ['created', 'created'], ['told', 'told']])('what was %s is %s once we have made it again', (before, after) => {
    const decision = decide(rulesOf(oneWay), { link: linked({ origin: before }), source: source({}), target: goneBy(scanned) });

    expect(nextOf(decision)).toMatchObject({ origin: after, state: 'agreed', absent: undefined });
  });
});

describe('field by field', () => {
  test('a field that the source does not say is left alone', () => {
    const { notes: _, ...rest } = agreed;

    const decision = decide(rulesOf(oneWay), { link: linked(), source: present('s1', { ...rest, title: 'Band' }), target: target({}) });

    expect(told(decision)).toBe('update target title=Band');
  });

  test('a field that the source says is empty is cleared', () => {
    const decision = decide(rulesOf(oneWay), { link: linked(), source: source({ notes: null }), target: target({}) });

    expect(told(decision)).toBe('update target notes=null');
  });

  test('a field that the target says is empty is cleared in the source, two ways', () => {
    const decision = decide(rulesOf(twoWay), { link: linked(), source: source({}), target: target({ notes: null }) });

    expect(told(decision)).toBe('update source notes=null');
  });

  test('a colliding field holds the whole pair, and only the colliding fields are shown', () => {
    const decision = decide(rulesOf(twoWay), { link: linked(), source: source({ title: 'Band', place: 'Attic' }), target: target({ title: 'Duo', notes: null }) });

    expect(decision).toEqual({ kind: 'conflict', code: 'BOTH_EDITED', fields: ['title'] });
  });

  test('a write carries the whole entity beside its fields', () => {
    const decision = decide(rulesOf(oneWay), { link: linked(), source: source({ title: 'Band' }), target: target({}) });

    expect(writesOf(decision)).toEqual([{ kind: 'update', side: 'target', fields: { title: 'Band' }, entity: { ...agreed, title: 'Band' }, reason: 'changed' }]);
  });

  test('what a one-way target has of its own stays, and the next change of that field wins', () => {
    const rules = rulesOf(oneWay);

    const left = decide(rules, { link: linked(), source: source({}), target: target({ title: 'Duo' }) });
    const later = decide(rules, { link: linked(nextOf(left)), source: source({ title: 'Band' }), target: target({ title: 'Duo' }) });

    expect(told(later)).toBe('update target title=Band');
  });
});

test('an update of both sides agrees on what both will hold', () => {
  const decision = decide(rulesOf(twoWay), { link: linked(), source: source({ title: 'Band' }), target: target({ place: 'Attic' }) });

  const both = digests.entity({ ...agreed, title: 'Band', place: 'Attic' });
  expect(nextOf(decision)?.base).toEqual(makeBase({ shape: 'pages-1' }, both, both));
});

describe('what moves our memory without a call', () => {
  test.each<[string, Partial<Link>, View, View]>([
    ['another version', { versions: { source: '1' } }, source({}, { version: '2' }), target({})],
    ['another version of the target', { versions: { target: '1' } }, source({}), target({}, { version: '2' })],
    ['another id', { targetId: 't0' }, source({}), target({})],
    ['an open state', { state: 'failed' }, source({}), target({})],
    ['another mapping', { base: { ...makeBase({ shape: 'pages-0' }, digests.entity(agreed), digests.entity(agreed)) } }, source({}), target({})],
  ])('%s', (_, some, sourceView, targetView) => {
    const decision = decide(rulesOf(twoWay), { link: linked(some), source: sourceView, target: targetView });

    expect(decision).toMatchObject({ kind: 'settle', what: 'rebased', next: { state: 'agreed', base: { shape: 'pages-1' } } });
  });
});

describe('coming to rest', () => {
  const value = fc.constantFrom('Choir', 'Band', 'Duo', '', null);
  const entity = fc.record({ title: value, place: value, notes: value }, { noNullPrototype: true });

  test.each(allPolicies)('once a decision of the policy %s is carried out, there is nothing left to do', (name) => {
    const rules = rulesOf(policies[name]);
    fc.assert(fc.property(entity, entity, fc.boolean(), (ours, theirs, known) => {
      const before = known ? linked() : undefined;
      const decision = decide(rules, { link: before, source: present('s1', ours), target: present('t1', theirs) });
      fc.pre(decision.kind !== 'conflict');
      const after = carriedOut(decision, ours, theirs);

      const again = decide(rules, { link: { ...linked(), ...nextOf(decision) }, source: present('s1', after.source), target: present('t1', after.target) });

      expect(again).toEqual({ kind: 'nothing' });
    }), { numRuns: 300 });
  });

  test.each(['mirror', 'twoWay'] as const)('once both had agreed, a decision of the policy %s makes both sides the same again', (name) => {
    fc.assert(fc.property(entity, entity, (ours, theirs) => {
      const decision = decide(rulesOf(policies[name]), { link: linked(), source: present('s1', ours), target: present('t1', theirs) });
      fc.pre(decision.kind !== 'conflict');

      const after = carriedOut(decision, ours, theirs);

      expect(after.target).toEqual(after.source);
    }), { numRuns: 300 });
  });
});
