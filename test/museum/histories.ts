/**
 * What random histories have found in Concord itself: each seed broke a promise before its defence was written, and breaks it again
 * without. They are played by test/random; the numbers stay good as long as nothing changes in what a history draws.
 */
import { ok } from 'node:assert/strict';
import { playSeed } from '../random/play-seed.ts';
import type { Defence, Exhibit } from './exhibit.ts';

interface Kept {
  readonly seed: number;
  readonly pair: string;
  readonly name: string;
  readonly story: string;
  /** The damage, in one of the museum's words. */
  readonly damage: string;
  readonly without: Defence;
}

const kept: readonly Kept[] = [
  {
    seed: 207, pair: 'notebooks', name: 'a released plan that is held again', damage: 'restless',
    story: 'A person released a withdrawal. Before a worker got to it the next plan staged the same once more, under its own name, and the guard held that.',
    without: { file: 'engine/stage.ts', find: 'if (was.pending && isDeepStrictEqual(asStored({ writes, next })', replace: 'if (false && was.pending && isDeepStrictEqual(asStored({ writes, next })' },
  },
  {
    seed: 131, pair: 'notebooks', name: 'a made item that was taken for a stranger', damage: 'doubled',
    story: 'The answer to a create was lost on a system that gives ids itself. The next reading showed the item, no link knew it, and it was imported.',
    without: { file: 'engine/new-cases.ts', find: "stream[side].power !== 'own-id'", replace: 'false' },
  },
  {
    seed: 57, pair: 'notebooks', name: 'changes of a plan that nobody judged', damage: 'lost',
    story: 'A planner died before its plan had a row. What it had staged belonged to a plan that could never be released.',
    without: { file: 'engine/plan-stream.ts', find: 'isJudged.get(pending?.plan) === false', replace: 'false' },
  },
  {
    seed: 57, pair: 'notebooks', name: 'an open create that was dropped with its source', damage: 'doubled',
    story: 'A create was sent, its answer lost, and its source was deleted. The link was closed, and what the create had made stood there as if it were somebody else\'s.',
    without: { file: 'engine/open-creates.ts', find: 'if (doubts.length === 0) return', replace: 'if (doubts.length >= 0) return' },
  },
  {
    seed: 544, pair: 'notebooks', name: 'a pending row that was overwritten unread', damage: 'overwritten',
    story: 'A moderator had edited a pending row. The next edit in the calendar was carried over without a look at the row.',
    without: { file: 'engine/resolve.ts', find: ": targetEditWhilePending === 'accept'", replace: ': false' },
  },
  {
    seed: 57, pair: 'notebooks', name: 'a create found again and met as a stranger', damage: 'overwritten',
    story: 'What an open create had made was found, and compared as if both had met for the first time: edits since then were nobody\'s.',
    without: { file: 'engine/stage.ts', find: 'link.base ?? baseOfCreate(link, views, rules)', replace: 'link.base' },
  },
  {
    seed: 10, pair: 'notebooks', name: 'an adopted item withdrawn as our own', damage: 'lost',
    story: 'People had entered an event in both systems. The row was not approved, its link had been made first, and the event in the calendar was withdrawn as if we had made it.',
    without: { file: 'sync/decide.ts', find: 'if (met && source && target) return', replace: 'if (false) return' },
  },
  {
    seed: 4003, pair: 'notebooks', name: 'an approval that overwrote what was held back', damage: 'overwritten',
    story: 'Both sides of a pending pair had been edited. Approving read only the source, and its values went over the edit in the target.',
    without: { file: 'engine/resolve.ts', find: 'stirred || approves || meets ||', replace: 'stirred || meets ||' },
  },
  {
    seed: 110, pair: 'notebooks', name: 'half a meeting', damage: 'lost',
    story: 'An item met the link of its other half, and only one of the two was looked at: the decision stood on what the link had believed before.',
    without: { file: 'engine/resolve.ts', find: 'stirred || asks || meets ||', replace: 'stirred || asks ||' },
  },
  {
    seed: 131, pair: 'notebooks', name: 'the last try taken for the one that landed', damage: 'overwritten',
    story: 'A create was sent twice with other values. The first one had landed, somebody had edited it, and it was compared with the second.',
    without: { file: 'engine/stage.ts', find: 'const oldest = tries.at(-1);', replace: 'const oldest = tries[0];' },
  },
  {
    seed: 247, pair: 'notebooks', name: 'a held archive read as a new start', damage: 'resurrected',
    story: 'An event was deleted in the target, archiving its row was held, and the next look made the event again, because its id had left the link.',
    without: { file: 'sync/decide.ts', find: "if (staged && withdraws) return", replace: 'if (false) return' },
  },
  {
    seed: 1526, pair: 'notebooks', name: 'an answer that agreed to more than was written', damage: 'overwritten',
    story: 'One field was written, and the whole answer became what both sides had agreed on: an edit of another field that waited for its approval was agreed away.',
    without: { file: 'engine/record.ts', find: "if (write.kind === 'create') return stored;", replace: 'if (write.kind !== undefined) return stored;' },
  },
  {
    seed: 1796, pair: 'directus-nextcloud', name: 'edits left for now and agreed to', damage: 'overwritten',
    story: 'Edits of a pending event were to be put back once it was approved. They were taken into what both sides had agreed on, and stayed.',
    without: { file: 'sync/decide.ts', find: "const leavesForNow = rules.policy.targetEditWhilePending === 'leave'", replace: "const leavesForNow = false && rules.policy.targetEditWhilePending === 'leave'" },
  },
  {
    seed: 723, pair: 'notebooks', name: 'a decision on nothing', damage: 'lost',
    story: 'A scan had missed an item for the first time. Nothing of the pair was seen, it was decided all the same, and the withdrawal that stood on the link was gone.',
    without: { file: 'engine/resolve.ts', find: 'if (nothingSeen(one.views)) return', replace: 'if (false) return' },
  },
  {
    seed: 60_925, pair: 'directus-nextcloud', name: 'a refusal that came after the first sending had landed', damage: 'resurrected',
    story: 'A create landed and its answer was lost. The quick retry was refused, the create counted as never made, and what stood there outlived its source.',
    without: { file: 'engine/answers.ts', find: "write.kind === 'create' && stream[write.side].power === 'own-id'", replace: 'false' },
  },
  {
    seed: 47_623, pair: 'notebooks', name: 'a sleeper that woke after its successor had looked', damage: 'doubled',
    story: 'A worker stood still with its create in hand. The next one looked, found nothing, and made the item; then the sleeper did. Nobody ever looked again.',
    without: { file: 'engine/late-creates.ts', find: 'late !== undefined && (claim === undefined', replace: 'false && late !== undefined && (claim === undefined' },
  },
  {
    seed: 206_198, pair: 'notebooks', name: 'an edit taken for a habit of the server', damage: 'lost',
    story: 'A moderator had edited a title. Two updates of another field read the row back, saw the same other title twice, and learnt it as what this server makes of ours.',
    without: { file: 'engine/record.ts', find: 'const held = onlyWritten(write, sent, stored);', replace: 'const held = stored;' },
  },
  {
    seed: 309_818, pair: 'notebooks', name: 'a try that was pushed off the list by itself', damage: 'lost',
    story: 'A large item was staged anew at every look, with the same values. Four of these were remembered, and the one that had really been sent was not among them.',
    without: { file: 'engine/stage.ts', find: 'distinct(attemptsOf(was.pending))', replace: 'attemptsOf(was.pending)' },
  },
  {
    seed: 62_940, pair: 'notebooks', name: 'an open create that stands on another link', damage: 'restless',
    story: 'What a create had made could not be read and got a link of its own. The link of the create found it at every look, could not have it, and never came to rest.',
    without: { file: 'engine/open-creates.ts', find: '(owners.get(id)?.key ?? link.key) === link.key', replace: 'true' },
  },
  {
    seed: 579_272, pair: 'notebooks', name: 'our own withdrawal taken for a deletion by people', damage: 'lost',
    story: 'A worker withdrew an event and died before it could say so. The event was approved again, was found gone, and stayed away, because somebody seemed to have deleted it.',
    without: { file: 'sync/decide.ts', find: 'link.targetId === undefined || isOurs', replace: 'link.targetId === undefined' },
  },
  {
    seed: 1039, pair: 'directus-nextcloud', name: 'a refusal dressed as a success', damage: 'lost',
    story: 'A PUT was refused, and a proxy made a 200 with an error inside of it. It counted as stored; what was read back was taken for a later edit, and went over the edit in the source.',
    without: { file: 'vendors/nextcloud/write-outcome.ts', find: "body.trim() !== '' && !isMultistatus(body)", replace: '/^\\s*<(?:!doctype\\s+)?html/i.test(body)' },
  },
];

const exhibits: readonly Exhibit[] = kept.map(({ seed, pair, name, story, damage, without }) => ({
  name,
  story,
  without,
  async scenario() {
    const { broken } = await playSeed(seed, pair);
    ok(broken.length === 0, `${damage}: seed ${seed} of ${pair}: ${broken[0]?.invariant ?? ''}: ${broken[0]?.detail ?? ''}`);
  },
}));

export default exhibits;
