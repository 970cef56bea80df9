/**
 * Further rules of the second model, each for a way out that a wrong hub could take past the first ones: values that went the wrong
 * way, things that stand where people had removed them, what one side's trouble does to the other.
 */
import type { Case } from './model-story.ts';

const verdicts: readonly string[] = ['approve', 'unapprove', 'reject', 'archive'];

const typedAt = ({ story }: Case, side: string, field: string, value: string | null): boolean => story.typed.some((typed) => typed.side === side && typed.fields[field] === value);
const wasTakenBack = ({ story }: Case): boolean => story.acts.some(({ verb }) => verb === 'unapprove' || verb === 'reject' || verb === 'archive');
const isEnteredTwice = ({ story }: Case): boolean => story.adds.source > 0 && story.adds.target > 0;

export const edgeRules: { readonly [rule: string]: (one: Case) => string | undefined } = {
  /** Where the source's word counts, nothing that was typed in the target alone gets there. */
  'written back'(one) {
    const { house, story, source } = one;
    if (story.adds.target > 0 || story.wasRemoved('source')) return undefined;
    const isClosed = house.policy === 'mirror' || house.policy === 'one-way' || (house.policy === 'moderated' && !story.everUnapproved);
    if (!isClosed) return undefined;
    const foreign = source.flatMap(({ fields }) => Object.entries(fields)).find(([field, value]) => value !== null && !typedAt(one, 'source', field, value));
    return foreign && `the ${foreign[0]} in the source was typed only in the target`;
  },
  /** A late approval is no excuse for losing what was edited in the target. */
  'lost on approval'(one) {
    const { house, story, source, target } = one;
    if (house.policy !== 'two-way' || wasTakenBack(one) || isEnteredTwice(one) || !story.everUnapproved || !story.everApproved || one.isOpen) return undefined;
    for (const edit of story.edits) {
      if (edit.side !== 'target' || story.removals.some((removal) => removal.side === 'source' || removal.at > edit.at)) continue;
      for (const [field, value] of Object.entries(edit.fields)) {
        if (![...source, ...target].some(({ fields }) => story.knew(field, fields[field] ?? null, value))) return `act ${edit.at}, an edit of ${field}, is nowhere`;
      }
    }
    return undefined;
  },
  /** What people made in the target and removed there again does not stand there. */
  'put back unasked'(one) {
    const { house, story, target, isOpen } = one;
    const removal = story.lastRemoval('target');
    if (removal === undefined || story.adds.source > 0 || target.length === 0 || isOpen || story.everApproved || one.isUnsure) return undefined;
    if (house.imports && story.edits.some((edit) => edit.side === 'source' && story.outlives(edit, removal))) return undefined;
    return 'made and removed there, stands there again';
  },
  /** An approved row is not archived because its copy was deleted, where the table says that it is put back. */
  'archived unasked'({ house, story, source }) {
    const isAsked = house.policy !== 'moderated' || story.adds.target > 0 || story.everUnapproved || story.wasRemoved('source');
    return !isAsked && source.some(({ belongs }) => !belongs) ? 'archived, though it was approved all the time' : undefined;
  },
  /** A thing that people entered on both sides does not vanish from one. */
  'vanished of two'(one) {
    const { story, source, target } = one;
    if (!isEnteredTwice(one) || story.removals.length > 0) return undefined;
    if (source.length === 0) return 'gone from the source';
    return target.length === 0 && !wasTakenBack(one) && !story.everUnapproved ? 'gone from the target' : undefined;
  },
  /** What cannot be read on one side is not made unreadable on the other. */
  'spoilt by us'(one) {
    const spoilt = (['source', 'target'] as const).find((side) => one[side].some(({ readable }) => !readable) && !one.story.acts.some(({ verb, side: where }) => verb === 'spoil' && where === side));
    return spoilt && `unreadable in the ${spoilt}, and nobody there did that`;
  },
  /** Where the site says so, a rejected import leaves the target too. */
  'rejected and there'({ house, story, source, target, isOpen }) {
    if (!house.rejectedWithdraws || !house.imports || story.adds.source > 0 || isOpen || story.removals.length > 0) return undefined;
    const last = story.acts.findLast(({ side, verb }) => side === 'source' && verdicts.includes(verb));
    if (last?.verb !== 'reject' || source.length !== 1 || story.everSpoiled || story.edits.some(({ side }) => side === 'target')) return undefined;
    return target.length > 0 ? 'rejected, and still in the target' : undefined;
  },
  /** A pending import follows the target in every field that nobody edited in the source. */
  'pending behind'({ house, story, source: [ours], target: [theirs], isOpen }) {
    const follows = house.imports && (house.policy === 'moderated' || house.policy === 'two-way') && story.adds.source === 0 && story.removals.length === 0;
    if (!follows || isOpen || !ours || !theirs || !ours.readable) return undefined;
    if (story.acts.some(({ verb }) => verb === 'spoil' || verdicts.includes(verb))) return undefined;
    const field = Object.keys(ours.fields).find((name) => ours.fields[name] !== theirs.fields[name] && !story.edits.some(({ side, fields }) => side === 'source' && fields[name] !== undefined));
    return field && `its ${field} in the source is not what stands in the target`;
  },
};
