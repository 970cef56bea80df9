/** The model against histories made by hand: for each rule an end that breaks it, and the nearest end that does not. */
import { describe, expect, it } from 'vitest';
import type { Act, End, Fields, History, House, Standing } from './history.ts';
import { judge, modelRules } from './model.ts';

const thing = 'thing-1';
const first: Fields = { title: 'first', place: 'hall' };
const moderated: House = { policy: 'moderated', imports: true, deletes: 'archive', rejectedWithdraws: false, power: 'own-id' };
const twoWay: House = { ...moderated, policy: 'two-way' };
const mirror: House = { ...moderated, policy: 'mirror', imports: false };
const oneWay: House = { ...mirror, policy: 'one-way' };

type Did = Act extends infer One ? (One extends Act ? Omit<One, 'at' | 'thing'> : never) : never;
const add = (side: Act['side'], approved = true): Did => ({ side, verb: 'add', fields: first, approved });
const edit = (side: Act['side'], fields: Fields, saw: Fields): Did => ({ side, verb: 'edit', fields, saw });
const remove = (side: Act['side'], saw: Fields = first): Did => ({ side, verb: 'remove', saw });
const say = (verb: 'approve' | 'unapprove' | 'reject' | 'archive' | 'spoil'): Did => ({ side: 'source', verb });

interface Stands {
  readonly source?: readonly Standing[];
  readonly target?: readonly Standing[];
  readonly open?: 'parked' | 'failed' | 'doubt';
}
const item = (fields: Fields = first, belongs = true, readable = true): Standing => ({ fields, belongs, readable });
const pending = (fields: Fields = first) => item(fields, false);

function rulesBroken(house: House, did: readonly Did[], { source, target, open }: Stands, unsure: ReadonlySet<string> = new Set()): readonly string[] {
  const acts = did.map((one, at) => ({ ...one, at, thing }) satisfies Act);
  const end: End = {
    source: new Map(source && [[thing, source]]),
    target: new Map(target && [[thing, target]]),
    open: new Map(open && [[thing, { state: open, code: 'E_SAID' }]]),
  };
  const history: History = { house, acts, end };
  return judge({ ...history, unsure }).map(({ rule }) => rule);
}

interface Pair {
  readonly promise: string;
  readonly rule: string;
  readonly house: House;
  readonly did: readonly Did[];
  readonly wrong: Stands;
  readonly right: Stands;
}

const second: Fields = { title: 'second', place: 'hall' };
const retitled = (side: Act['side'], from: Fields = first, to = 'second') => edit(side, { title: to }, { title: from['title'] ?? null });
const both = (fields: Fields = first): Stands => ({ source: [item(fields)], target: [item(fields)] });

const pairs: readonly Pair[] = [
  { promise: 'a mirror carries nothing back', rule: 'written back', house: mirror, did: [add('source'), retitled('target')], wrong: both(second), right: both() },
  { promise: 'an approval that comes late does not undo edits of the target', rule: 'lost on approval', house: twoWay, did: [add('source', false), say('approve'), retitled('target')], wrong: both(), right: both(second) },
  { promise: 'what people made and removed in the target stays away', rule: 'put back unasked', house: moderated, did: [add('target'), remove('target')], wrong: { source: [pending()], target: [item()] }, right: { source: [pending()] } },
  { promise: 'a moderated source is not archived because its copy went', rule: 'archived unasked', house: moderated, did: [add('source'), remove('target')], wrong: { source: [pending()], target: [item()] }, right: both() },
  { promise: 'of two that people entered, none vanishes', rule: 'vanished of two', house: twoWay, did: [add('source'), add('target'), retitled('source')], wrong: { source: [item(second)] }, right: both(second) },
  { promise: 'what cannot be read does not spread', rule: 'spoilt by us', house: twoWay, did: [add('source'), say('spoil')], wrong: { source: [item({ title: null, place: 'hall' }, true, false)], target: [item({ title: null, place: 'hall' }, true, false)], open: 'failed' }, right: { source: [item({ title: null, place: 'hall' }, true, false)], target: [item()], open: 'failed' } },
  { promise: 'a rejection withdraws the import where the site says so', rule: 'rejected and there', house: { ...moderated, rejectedWithdraws: true }, did: [add('target'), say('reject')], wrong: { source: [pending()], target: [item()] }, right: { source: [pending()] } },
  { promise: 'a pending import follows in the fields that nobody edited here', rule: 'pending behind', house: moderated, did: [add('target'), edit('source', { place: 'yard' }, { place: 'hall' }), retitled('target')], wrong: { source: [pending({ title: 'first', place: 'yard' })], target: [item(second)] }, right: { source: [pending({ title: 'second', place: 'yard' })], target: [item(second)] } },
  { promise: 'a thing stands once', rule: 'doubled', house: moderated, did: [add('source')], wrong: { ...both(), target: [item(), item()] }, right: both() },
  { promise: 'doubt is no licence to double', rule: 'doubled', house: { ...moderated, power: 'none' }, did: [add('source')], wrong: { ...both(), target: [item(), item()], open: 'doubt' }, right: { ...both(), open: 'doubt' } },
  { promise: 'an import makes one copy', rule: 'doubled', house: twoWay, did: [add('target')], wrong: { source: [pending(), pending()], target: [item()] }, right: { source: [pending()], target: [item()] } },
  { promise: 'values are what people typed', rule: 'made up', house: moderated, did: [add('source')], wrong: both({ title: 'first', place: 'nobody said so' }), right: both() },
  { promise: 'nothing is emptied by itself', rule: 'made up', house: moderated, did: [add('source')], wrong: both({ title: 'first', place: null }), right: both() },
  { promise: 'an edit arrives', rule: 'disagree', house: mirror, did: [add('source'), retitled('source')], wrong: { source: [item(second)], target: [item()] }, right: both(second) },
  { promise: 'an approved thing arrives', rule: 'disagree', house: moderated, did: [add('source')], wrong: { source: [item()] }, right: both() },
  { promise: 'an absent thing may be named instead', rule: 'disagree', house: moderated, did: [add('source')], wrong: { source: [item()] }, right: { source: [item()], open: 'failed' } },
  { promise: 'an approved thing removed in a moderated target is put back', rule: 'disagree', house: moderated, did: [add('source'), remove('target')], wrong: { source: [item()] }, right: both() },
  { promise: 'an edit of a pending import is accepted', rule: 'disagree', house: moderated, did: [add('target'), retitled('target')], wrong: { source: [pending()], target: [item(second)] }, right: { source: [pending(second)], target: [item(second)] } },
  { promise: 'a mirror puts edits back', rule: 'disagree', house: mirror, did: [add('source'), retitled('target')], wrong: { source: [item()], target: [item(second)] }, right: both() },
  { promise: 'two-way takes a target edit over', rule: 'came back', house: twoWay, did: [add('source'), retitled('target')], wrong: both(), right: both(second) },
  { promise: 'a source edit stays', rule: 'came back', house: mirror, did: [add('source'), retitled('source')], wrong: both(), right: both(second) },
  { promise: 'one-way leaves edits of the target', rule: 'came back', house: oneWay, did: [add('source'), retitled('target')], wrong: both(), right: { source: [item()], target: [item(second)] } },
  { promise: 'of two edits of one field none is dropped in silence', rule: 'lost edit', house: twoWay, did: [add('source'), retitled('source'), retitled('target', first, 'third')], wrong: both(second), right: { source: [item(second)], target: [item({ ...first, title: 'third' })], open: 'parked' } },
  { promise: 'an edit that was seen is superseded, one that was not is lost', rule: 'lost edit', house: twoWay, did: [add('source'), retitled('source'), retitled('target', first, 'third'), retitled('target', { title: 'third' }, 'fourth')], wrong: both({ ...first, title: 'fourth' }), right: { source: [item(second)], target: [item({ ...first, title: 'fourth' })], open: 'parked' } },
  { promise: 'no policy lets the target win over an edit of the source', rule: 'lost edit', house: moderated, did: [add('source'), retitled('source'), retitled('target', first, 'third')], wrong: both({ ...first, title: 'third' }), right: both(second) },
  { promise: 'nothing approves itself', rule: 'approved itself', house: moderated, did: [add('target')], wrong: both(), right: { source: [pending()], target: [item()] } },
  { promise: 'an approval stays', rule: 'disowned', house: moderated, did: [add('source')], wrong: { source: [pending()] }, right: both() },
  { promise: 'a source item goes only when people remove it', rule: 'vanished', house: twoWay, did: [add('source'), remove('target')], wrong: {}, right: { source: [pending()] } },
  { promise: 'what people made in the target stays while nobody approved it', rule: 'vanished', house: moderated, did: [add('target'), remove('source')], wrong: {}, right: { target: [item()] } },
  { promise: 'a rejection leaves an imported item', rule: 'vanished', house: moderated, did: [add('target'), say('reject')], wrong: { source: [pending()] }, right: { source: [pending()], target: [item()] } },
  { promise: 'what left the source leaves the target', rule: 'resurrected', house: moderated, did: [add('source'), remove('source')], wrong: { target: [item()] }, right: {} },
  { promise: 'what left the source does not come back to it', rule: 'resurrected', house: twoWay, did: [add('target'), remove('source')], wrong: { source: [pending()], target: [item()] }, right: { target: [item()] } },
  { promise: 'a mirror heeds no edit when the source removed the thing', rule: 'resurrected', house: mirror, did: [add('source'), retitled('target'), remove('source')], wrong: { target: [item(second)] }, right: {} },
  { promise: 'what left a two-way target stays away', rule: 'resurrected', house: { ...twoWay, deletes: 'never' }, did: [add('source'), remove('target')], wrong: both(), right: { source: [item()] } },
  { promise: 'without approval a thing leaves the target', rule: 'public without approval', house: moderated, did: [add('source'), say('unapprove')], wrong: { source: [pending()], target: [item()] }, right: { source: [pending()] } },
  { promise: 'new in the target comes to the source', rule: 'not imported', house: moderated, did: [add('target')], wrong: { target: [item()] }, right: { source: [pending()], target: [item()] } },
  { promise: 'nothing comes to a source that wants no imports', rule: 'not imported', house: mirror, did: [add('target')], wrong: { source: [pending()], target: [item()] }, right: { target: [item()] } },
];

describe('the model', () => {
  it.each(pairs)('$rule: $promise', ({ rule, house, did, wrong, right }) => {
    expect(rulesBroken(house, did, wrong)).toContain(rule);
    expect(rulesBroken(house, did, right)).toEqual([]);
  });

  it('has a rejected end for each of its rules', () => {
    expect([...new Set(pairs.map(({ rule }) => rule))].sort()).toEqual([...modelRules].sort());
  });

  const accepted: readonly (readonly [string, House, readonly Did[], Stands])[] = [
    ['an edit outlives a removal that did not see it', twoWay, [add('source'), retitled('target'), remove('source')], { target: [item(second)], source: [pending(second)] }],
    ['a removal that did not see an edit may win', twoWay, [add('source'), retitled('target'), remove('source')], {}],
    ['a spoiled item fails by name, and its other side stays', moderated, [add('source'), say('spoil')], { source: [item({ title: null, place: 'hall' }, true, false)], target: [item()], open: 'failed' }],
    ['an imported item that was approved once may be withdrawn', moderated, [add('target'), say('approve'), say('unapprove')], { source: [pending()] }],
    ['a thing that people entered in both systems may stand twice', mirror, [add('source'), add('target')], { source: [item()], target: [item(), item()] }],
    ['two edits of two fields meet', twoWay, [add('source'), retitled('source'), edit('target', { place: 'yard' }, { place: 'hall' })], both({ title: 'second', place: 'yard' })],
  ];
  const neverArchived: House = { ...twoWay, deletes: 'never' };
  it('lets an item come back only where the hub could not know that it ever stood', () => {
    expect(rulesBroken(twoWay, [add('target'), remove('source')], { source: [pending()], target: [item()] }, new Set([thing]))).toEqual([]);
    expect(rulesBroken(neverArchived, [add('source'), remove('target')], both(), new Set([thing]))).toEqual([]);
    expect(rulesBroken(neverArchived, [add('source'), remove('target')], both(), new Set(['thing-2']))).toContain('resurrected');
    expect(rulesBroken(moderated, [add('source'), remove('source')], { target: [item()] }, new Set([thing]))).toContain('resurrected');
  });

  it('waits with imports only while a create is in doubt that no look can settle', () => {
    const doubts: History['end']['open'] = new Map([['thing-2', { state: 'doubt', code: 'E_SAID' }]]);
    const judged = (power: House['power']) => {
      const end: End = { source: new Map(), target: new Map([[thing, [item()]]]), open: doubts };
      return judge({ house: { ...moderated, power }, acts: [{ ...add('target'), at: 0, thing } satisfies Act], end }).map(({ rule }) => rule);
    };
    expect(judged('none')).toEqual([]);
    expect(judged('find')).toContain('not imported');
  });

  it.each(accepted)('accepts that %s', (_, house, did, stands) => {
    expect(rulesBroken(house, did, stands)).toEqual([]);
  });
});
