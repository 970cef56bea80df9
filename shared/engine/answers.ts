/**
 * What to make of a side's answers: most are recorded at once; some ask for a look first (no version named, something there
 * already), and some for a new decision (a newer version, no answer). Each ends in one outcome.
 */
import { changedFields } from '../sync/digest.ts';
import type { Item, ItemId } from '../sync/item.ts';
import { baseOf, idOn, otherSide, type Link, type SideName, type StagedWrite } from '../sync/link.ts';
import type { LinkSave } from './ports.ts';
import { recordDone, recordFailed, recordStopped } from './record.ts';
import type { WriteResult } from './side.ts';
import { attemptsOf, baseOfMade, withoutTarget, type Stamp } from './stage.ts';
import { refreshed, saveAll, stampNow, type Worker } from './worker.ts';

export interface Answered {
  readonly link: Link;
  readonly write: StagedWrite;
  readonly result: WriteResult;
  /** The item itself, where it has been read already. */
  readonly item?: Item | undefined;
}

const roundsMax = 3;

/**
 * @returns links that need another round: a second write of the same change, a resend, or a new decision.
 * @throws what has stopped the connector in the middle, once the answers before it are recorded; the rest stays staged.
 */
export async function recordAnswers(worker: Worker, sideName: SideName, answers: readonly Answered[], round: number): Promise<Link[]> {
  const at = await stampNow(worker, answers[0]?.link.pending?.plan);
  const saves: LinkSave[] = [];
  const toLook: Answered[] = [];
  const toConfirm: Answered[] = [];
  const toResend: Link[] = [];
  const toDecide: Link[] = [];
  for (const answer of answers) {
    if (isGoneBlindly(worker, answer)) {
      // Whoever dies before the new decision leaves word that one is owed.
      saves.push({ link: { ...withoutTarget(answer.link), pending: undefined, claim: undefined, state: 'agreed', recheck: true }, was: answer.link });
      toDecide.push(answer.link);
      continue;
    }
    const final = finalRecord(worker, answer, at, round);
    if (final) saves.push({ link: final, was: answer.link });
    else if (answer.result.kind === 'missing' && answer.write.kind === 'delete') toConfirm.push(answer);
    else if (answer.result.kind === 'done' || answer.result.kind === 'exists') toLook.push(answer);
    else if (answer.result.kind === 'lost' && (answer.write.kind === 'create' || !answer.result.sent)) toResend.push(answer.link);
    else toDecide.push(answer.link);
  }
  saves.push(...(await confirmed(worker, sideName, toConfirm, at)));
  const saved = await saveAll(worker, saves);
  const { written, differing } = await recordLooked(worker, sideName, toLook, at);
  for (const { result } of answers) if (result.kind === 'lost' && result.stop) throw result.stop;
  if (round + 1 >= roundsMax) return [];
  // A link that has just been recorded has no plan any more; what is still to be done belongs to the one it was worked for.
  const plans = new Map(answers.map(({ link }) => [link.key, link.pending?.plan]));
  const links = await worker.world.links.byKeys(worker.stream.name, [...toDecide, ...differing].map((link) => link.key));
  return [...stillOpen([...saved, ...written]), ...toResend, ...(await refreshed(worker, links, ({ key }) => plans.get(key)))];
}

const stillOpen = (links: readonly Link[]): Link[] => links.filter((link) => link.pending !== undefined && link.state === 'pending');

/** A side that cannot be read has said by its answer what a look would say elsewhere: it is not there, and has to be made anew. */
const isGoneBlindly = ({ stream }: Worker, { write, result }: Answered): boolean => result.kind === 'missing' && write.kind === 'update' && write.side === 'target' && stream.target.reads === 'blind';

/** The link as the answer leaves it, or undefined where the answer alone is not enough. */
function finalRecord(worker: Worker, { link, write, result }: Answered, at: Stamp, round: number): Link | undefined {
  switch (result.kind) {
    case 'done':
      return result.version === undefined && result.item === undefined && write.kind !== 'delete' ? undefined : recordDone(link, write, result, worker.rules, at, false);
    case 'refused':
      return recordFailed({ ...link, claim: mayStandAllTheSame(worker, write) ? link.claim : undefined }, result, at);
    case 'parked':
      return recordStopped({ ...link, claim: undefined }, 'parked', result, at);
    case 'exists':
      return undefined;
    case 'missing':
      if (write.kind === 'delete') return undefined;
      break;
    case 'stale':
    case 'lost':
      break;
  }
  if (round + 1 < roundsMax || (result.kind === 'lost' && result.stop)) return undefined;
  const code = result.kind === 'lost' ? result.code : result.kind === 'stale' ? 'E_STALE' : 'E_UNSETTLED';
  const message = result.kind === 'lost' ? 'no usable answer; tried again later' : 'it keeps changing under our hands; tried again later';
  return recordFailed(link, { code, message }, at, result.kind === 'lost' ? result.retryAt : undefined);
}

/** "It is not there" to a delete may be a gateway speaking: an item that is looked up and shown was not deleted. */
async function confirmed(worker: Worker, sideName: SideName, answers: readonly Answered[], at: Stamp): Promise<LinkSave[]> {
  const standing = await itemsAt(worker, sideName, answers.flatMap(({ link }) => idOn(link, sideName) ?? []));
  return answers.map(({ link, write }): LinkSave => {
    const id = idOn(link, sideName) ?? '';
    const isThere = standing.has(id);
    return { link: isThere ? recordFailed(link, notGone, at) : recordDone(link, write, { kind: 'done', id }, worker.rules, at, false), was: link };
  });
}

const notGone = { code: 'E_NOT_GONE', message: 'the system says that it is not there, and shows it; tried again later' };

/**
 * A quick retry may be refused after the first sending had landed. Where the id is ours a look costs nothing but itself, so the claim
 * stays; elsewhere unknown items would wait for it, and no client sends such a create twice by itself.
 */
const mayStandAllTheSame = ({ stream }: Worker, write: StagedWrite): boolean => write.kind === 'create' && stream[write.side].power === 'own-id';

/**
 * Reads what stands there and records it: our write whose version nobody named, or what an earlier try of the same create
 * left. Something that is not ours is parked, never overwritten.
 */
async function recordLooked(worker: Worker, sideName: SideName, answers: readonly Answered[], at: Stamp): Promise<{ written: Link[]; differing: Link[] }> {
  const items = await itemsOf(worker, sideName, answers);
  const saves: LinkSave[] = [];
  const differing: Link[] = [];
  for (const answer of answers) {
    const { link, write, result } = answer;
    const item = answer.item ?? items.get(standingId(answer) ?? '');
    if (result.kind === 'done') {
      // Gone again before we could read it: the next reading shows that, and the decision table judges it.
      const stored = item ? { ...result, item, version: item.version } : result;
      saves.push({ link: recordDone(link, write, stored, worker.rules, at, item !== undefined), was: link });
    } else if (item && (answer.item !== undefined || isOurs(sideName, link, item))) {
      const base = baseOfMade(attemptsOf(link.pending), sideName, worker.rules.digests.entity(item.entity)) ?? link.pending?.next.base;
      const tried = link.pending && { ...link, pending: { ...link.pending, next: { ...link.pending.next, base } } };
      const isEdited = base !== undefined && changedFields(baseOf(base, sideName), worker.rules.digests.entity(item.entity)).length > 0;
      const made = recordDone(tried ?? link, write, { kind: 'done', id: item.id, version: item.version }, worker.rules, at, false);
      // Whoever dies before the new decision leaves word that one is owed: the edit is older than the next reading.
      saves.push({ link: isEdited ? { ...made, recheck: true } : made, was: link });
      if (isEdited || base !== link.pending?.next.base) differing.push(link);
    } else {
      const problem = { code: 'NOT_OURS', message: 'something else stands under the id that ours would have' };
      saves.push({ link: recordStopped(link, 'parked', problem, at), was: link });
    }
  }
  const written = await saveAll(worker, saves);
  const isWritten = new Set(written.map((link) => link.key));
  const taken = saves.filter(({ link }) => !isWritten.has(link.key) && link.state !== 'parked').flatMap(({ was }) => was ?? []);
  await saveAll(worker, taken.map((was) => ({ link: recordStopped(was, 'parked', itemTaken, at), was })));
  return { written, differing: differing.filter((link) => isWritten.has(link.key)) };
}

const itemTaken = { code: 'ITEM_TAKEN', message: 'what stands there is linked with another item already; remove one of the two' };

function standingId({ result, write }: Answered): ItemId | undefined {
  if (result.kind !== 'done' && result.kind !== 'exists') return undefined;
  return result.id ?? (write.kind === 'create' ? write.key : undefined);
}

async function itemsOf(worker: Worker, sideName: SideName, answers: readonly Answered[]): Promise<ReadonlyMap<ItemId, Item>> {
  return itemsAt(worker, sideName, answers.filter(({ item }) => item === undefined).flatMap((answer) => standingId(answer) ?? []));
}

async function itemsAt(worker: Worker, sideName: SideName, ids: readonly ItemId[]): Promise<ReadonlyMap<ItemId, Item>> {
  const found = new Map<ItemId, Item>();
  const side = worker.stream[sideName];
  for (let at = 0; at < ids.length; at += side.batchMax) {
    const asked = ids.slice(at, at + side.batchMax);
    for (const [index, looked] of (await side.lookUp(asked)).entries()) {
      if (looked.kind === 'present') found.set(asked[index] ?? looked.item.id, looked.item);
    }
  }
  return found;
}

/** It has the id that our call carried, it names our item, or it carries our key as its own sure one. */
function isOurs(sideName: SideName, link: Link, item: Item): boolean {
  const key = link.claim?.key;
  return item.id === key || item.reference === idOn(link, otherSide(sideName)) || (item.matchKeys?.some(({ strength, text }) => strength === 'sure' && text === `uid:${key ?? ''}`) ?? false);
}
