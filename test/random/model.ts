/**
 * The second, simple model: what must be true at the end of every history, whatever the hub did in between. It was written from the
 * README of the connector and the design alone, never from the engine, so that the two cannot share a mistake.
 *
 * The hub runs at moments that nobody here knows, so the model accepts every end that a right hub may reach. It is strict where only one
 * side acted, and lenient, with the reason beside it, where both did and the documents leave several answers.
 */
import type { History, Wrong } from './history.ts';
import { edgeRules } from './model-edges.ts';
import { casesOf, type Case, type Edit } from './model-story.ts';

/** What is wrong, in words; `undefined` where the promise holds. */
type Rule = (one: Case) => string | undefined;

const heedsTargetEdits = ({ house }: Case) => house.policy === 'two-way' || house.policy === 'moderated';
const isOnlyTargets = ({ story }: Case) => story.adds.source === 0;

const wasEnteredTwice = ({ story }: Case) => story.adds.source > 0 && story.adds.target > 0;

/** Two people who entered one thing in both systems and then named it differently made two things: nothing tells that they are one. */
const mayBeTwo = (one: Case) => wasEnteredTwice(one) && (one.story.everSpoiled || one.story.edits.length > 0);

function doubled(one: Case): string | undefined {
  for (const side of ['source', 'target'] as const) {
    const removed = one.story.removals.filter((removal) => removal.side === side).length;
    // Entered in both while the hub was between its two readings: it saw one of them and wrote the other, before it could know better.
    const allowed = Math.max(1, one.story.adds[side] - removed, wasEnteredTwice(one) ? 2 : 1);
    // A call that was taken for lost and lands after the search for it: nobody can prevent that, so the hub has to see it and say it.
    if (one.isToldTwice) continue;
    if (one[side].length > allowed) return `stands ${one[side].length} times in the ${side}`;
  }
  return undefined;
}

function madeUp({ story, source, target }: Case): string | undefined {
  if (story.typed.length === 0) return 'nobody ever added it';
  for (const { fields, readable } of [...source, ...target]) {
    for (const [field, value] of Object.entries(fields)) {
      if (value === null && !readable) continue;
      if (!story.typed.some((typed) => typed.fields[field] === value)) return `nobody ever typed this as its ${field}`;
    }
  }
  return undefined;
}

/** The source's item is the record: an edit made there is never overwritten, by no policy. */
function lostInSource({ story, source: [standing] }: Case): { edit: Edit; field: string } | undefined {
  if (standing === undefined) return undefined;
  const removal = story.removals.findLast((one) => one.side === 'source');
  for (const edit of story.edits) {
    // What stood before a removal went with it; the item that stands now came from the target.
    if (edit.side !== 'source' || (removal !== undefined && edit.at < removal.at)) continue;
    for (const [field, value] of Object.entries(edit.fields)) {
      if (standing.fields[field] === null && !standing.readable) continue;
      if (!story.knew(field, standing.fields[field] ?? null, value)) return { edit, field };
    }
  }
  return undefined;
}

function lostInTarget(one: Case): { edit: Edit; field: string } | undefined {
  const { story, source, target } = one;
  for (const edit of story.edits) {
    if (edit.side !== 'target' || mayLoseTargetEdit(one, edit)) continue;
    for (const [field, value] of Object.entries(edit.fields)) {
      const survives = [...source, ...target].some(({ fields }) => story.knew(field, fields[field] ?? null, value));
      if (!survives && !sourceMayWin(one, field)) return { edit, field };
    }
  }
  return undefined;
}

function mayLoseTargetEdit({ house, story }: Case, edit: Edit): boolean {
  // Gone with the item that a person removed, there or in the source (the hub may hear of that later), or that lost its approval.
  if (story.removals.some((removal) => removal.side === 'source' || removal.at > edit.at)) return true;
  if (story.everApproved && story.everUnapproved) return true;
  if (house.policy === 'mirror') return story.adds.source > 0 || story.everApproved;
  return house.policy === 'moderated' && story.everApproved;
}

/** One-way leaves edits of the target until the source has something to say about the very field; and a write whose answer was lost is sent once more. */
function sourceMayWin({ house, story }: Case, field: string): boolean {
  return house.policy === 'one-way' && story.edits.some((other) => other.side === 'source' && other.fields[field] !== undefined);
}

const lostIn = (one: Case) => lostInSource(one) ?? lostInTarget(one);

/** The lost edit replaced the very value that stands: it was not lost to another edit, the old value came back. */
function isComeBack({ story, source, target }: Case, { edit, field }: { edit: Edit; field: string }): boolean {
  return [...source, ...target].some(({ fields }) => story.knew(field, edit.fields[field] ?? null, fields[field] ?? null));
}

function lostEdit(one: Case): string | undefined {
  const lost = lostIn(one);
  return lost && !isComeBack(one, lost) ? `act ${lost.edit.at}, an edit of ${lost.field} in the ${lost.edit.side}, is nowhere` : undefined;
}

function cameBack(one: Case): string | undefined {
  const lost = lostIn(one);
  return lost && isComeBack(one, lost) ? `act ${lost.edit.at} replaced the ${lost.field} that stands` : undefined;
}

function disagree(one: Case): string | undefined {
  const { house, story, isOpen, source: [ours], target: [theirs] } = one;
  if (ours === undefined || isOpen || !ours.readable) return undefined;
  if (!ours.belongs) return isPendingImport(one) && theirs !== undefined ? differing(one, () => false) : undefined;
  if (theirs === undefined) return mayStayAway(one) ? undefined : 'approved in the source, absent from the target';
  const targetEdited = (field: string) => story.edits.some((edit) => edit.side === 'target' && edit.fields[field] !== undefined);
  return differing(one, (field) => house.policy === 'one-way' && (targetEdited(field) || story.adds.target > 0));
}

/** Came from the target, and nobody touched it in the source: what is edited in the target is accepted. */
const isPendingImport = ({ house, story }: Case) =>
  house.imports && house.policy !== 'mirror' && house.policy !== 'one-way' && story.acts.every((act) => act.side === 'target');

function differing({ source: [ours], target: [theirs] }: Case, mayDiffer: (field: string) => boolean): string | undefined {
  for (const field of Object.keys(ours?.fields ?? {})) {
    if (ours?.fields[field] !== theirs?.fields[field] && !mayDiffer(field)) return `${field} differs`;
  }
  return undefined;
}

/** Whether an approved thing may be absent from the target because somebody removed it there. */
function mayStayAway({ house, story }: Case): boolean {
  if (!story.wasRemoved('target')) return false;
  if (house.policy === 'one-way') return true;
  // Removed while it was pending, which is agreed, and approved about then: both answers follow from the table.
  if (house.policy === 'moderated') return story.everUnapproved || story.adds.source === 0;
  return house.policy === 'two-way' && (house.deletes === 'never' || story.everUnapproved || story.adds.source === 0);
}

function approvedItself({ story, source }: Case): string | undefined {
  return source.some(({ belongs }) => belongs) && story.approved !== true ? 'belongs, though nobody approved it' : undefined;
}

function disowned({ house, story, source }: Case): string | undefined {
  const isArchived = house.deletes === 'archive' || (house.deletes === 'withdraw' && (story.everUnapproved || story.adds.source === 0));
  const mayArchive = isArchived && story.wasRemoved('target') && (house.policy === 'two-way' || house.policy === 'moderated');
  // Removed after its approval and imported again: an import is not approved.
  const isImportedAgain = story.wasRemoved('source');
  return story.approved === true && source.some(({ belongs }) => !belongs) && !mayArchive && !isImportedAgain ? 'lost its approval, and nobody took it away' : undefined;
}

function vanishedFromSource({ story, source }: Case): string | undefined {
  return story.adds.source > 0 && source.length === 0 && !story.wasRemoved('source') ? 'nobody removed it from the source' : undefined;
}

function vanishedFromTarget(one: Case): string | undefined {
  const { house, story, source, target } = one;
  if (story.adds.target === 0 || target.length > 0 || story.wasRemoved('target')) return undefined;
  const isWithdrawn = story.wasRemoved('source') || story.everUnapproved || source.some(({ belongs }) => !belongs);
  if (story.everApproved && isWithdrawn) return undefined;
  if (house.rejectedWithdraws && story.everRejected) return undefined;
  return 'people made it in the target, nobody removed it there and it was never ours';
}

function resurrectedInTarget(one: Case): string | undefined {
  const { house, story, source, target, isOpen } = one;
  if (target.length === 0 || isOpen) return undefined;
  const bySource = story.lastRemoval('source');
  if (bySource !== undefined && source.length === 0 && story.adds.target === 0) {
    const isOutlived = heedsTargetEdits(one) && story.edits.some((edit) => edit.side === 'target' && story.outlives(edit, bySource));
    if (!isOutlived) return 'removed from the source, still in the target';
  }
  const byTarget = story.lastRemoval('target');
  if (byTarget === undefined || one.isUnsure || house.policy !== 'two-way' || wasEnteredTwice(one)) return undefined;
  // There an approved event is put back, and a pending one stays away.
  if (house.deletes === 'withdraw' && story.everApproved) return undefined;
  const isOutlived = story.edits.some((edit) => edit.side === 'source' && story.outlives(edit, byTarget));
  const isSaidAgain = story.acts.some((act) => act.at > byTarget.at && act.side === 'source' && (act.verb === 'approve' || act.verb === 'add'));
  return isOutlived || isSaidAgain ? undefined : 'people removed it from the target, and it stands there again';
}

function resurrectedInSource(one: Case): string | undefined {
  const { story, source, isOpen } = one;
  const removal = story.lastRemoval('source');
  if (removal === undefined || source.length === 0 || isOpen) return undefined;
  // Made by us, removed by a person, and we never learned of either: it is as if it had not been made yet.
  if (one.isUnsure && isOnlyTargets(one)) return undefined;
  // The other entry of a thing that was entered twice was never linked to the removed one: it comes in as new.
  if (one.house.imports && wasEnteredTwice(one)) return undefined;
  const isOutlived = heedsTargetEdits(one) && story.edits.some((edit) => edit.side === 'target' && story.outlives(edit, removal));
  return isOutlived ? undefined : 'removed from the source, and it stands there again';
}

function publicWithoutApproval({ story, source: [ours], target, isOpen }: Case): string | undefined {
  if (ours === undefined || ours.belongs || !ours.readable || isOpen || target.length === 0) return undefined;
  // Back in the source after its removal: whether it may be is the question of `resurrected`, and a new import is not approved.
  if (story.lastRemoval('source') !== undefined) return undefined;
  // An item that people made in the target is theirs while nobody approved it; ours or theirs is a matter of what the hub saw after that.
  return story.adds.target === 0 ? 'not approved, in the target' : undefined;
}

function notImported(one: Case): string | undefined {
  const { house, story, source, target: [theirs], isOpen } = one;
  if (!isOnlyTargets(one)) return undefined;
  if (!house.imports) return source.length > 0 ? 'came to the source, where nobody wants imports' : undefined;
  // With a create in doubt, an item that nobody linked may be what it made: importing that would double a thing of the source.
  if (house.power === 'none' && one.isDoubtAbout) return undefined;
  if (theirs === undefined || !theirs.readable || isOpen || story.wasRemoved('source')) return undefined;
  return source.length === 0 ? 'stands in the target, not in the source' : undefined;
}

const rules: { readonly [name: string]: Rule } = {
  doubled,
  'made up': madeUp,
  'lost edit': lostEdit,
  'came back': cameBack,
  disagree,
  'approved itself': approvedItself,
  disowned,
  vanished: (one) => vanishedFromSource(one) ?? vanishedFromTarget(one),
  resurrected: (one) => resurrectedInTarget(one) ?? resurrectedInSource(one),
  'public without approval': publicWithoutApproval,
  'not imported': notImported,
  ...edgeRules,
};

export const modelRules: readonly string[] = Object.keys(rules);

const rulesOfTwo: ReadonlySet<string> = new Set(['doubled', 'made up', 'vanished of two', 'spoilt by us']);

/** Every promise that this history broke, thing by thing; empty where all held. */
export function judge(history: History): readonly Wrong[] {
  const wrongs: Wrong[] = [];
  for (const one of casesOf(history)) {
    // Where it stands twice, no rule can say which of the two it means.
    const isTwo = one.source.length > 1 || one.target.length > 1 || mayBeTwo(one);
    for (const [rule, check] of Object.entries(rules)) {
      const detail = isTwo && !rulesOfTwo.has(rule) ? undefined : check(one);
      if (detail !== undefined) wrongs.push({ rule, thing: one.story.thing, detail });
    }
  }
  return wrongs;
}
