/**
 * Translates what the older Python tool remembers into pairs of this connector's own ids. Its users are known by their ids alone, and Alma is
 * not asked. Its visits are known by a bookId, which several rows of LibCal may share: one reading of LibCal says which row is meant, and
 * where more than one could be, none is taken. Reads only.
 *
 *   users   patron -> visitor             adopted: the card that the tool knew is the base, the rest is unknown until a run has read it
 *   appts   row    -> pre-registration    created: a cancelled booking is withdrawn. The base is the visit as it stands now: what was moved after
 *                                         the tool had seen it, is not noticed
 */
import type { Clock } from '../../base/clock.ts';
import { VendorAnswerInvalid } from '../../base/errors.ts';
import type { LeftPair, TakenOver, ToldPair } from '../../engine/told-pair.ts';
import type { Item } from '../../sync/item.ts';
import { about } from './about.ts';
import { bookingSource, type BookingDeps } from './bookings.ts';
import { classOf, idText } from './map.ts';
import type { PythonCache } from './python-cache.ts';
import { accountKey, bookingReadings, type PlacedBooking, type ReadingDeps } from './reading.ts';
import type { Settings } from './settings.ts';

const { visitors, preRegistrations } = about.streams;

/** @throws VendorAnswerInvalid where a location could not be read whole: then no visit of it could be told from one that is over. */
export async function takeOver(deps: ReadingDeps & BookingDeps, settings: Settings, { users, appts }: PythonCache): Promise<TakenOver> {
  const found: Found[] = users.map((user) => visitorPair(deps, user));
  if (appts.length > 0) {
    const rowOf = await rowsInLibcal(deps, settings, new Set(appts.map(({ apptId }) => apptId)));
    found.push(...appts.map(({ apptId, preRegId }): Found => {
      const pair = { stream: preRegistrations, source: apptId, target: preRegId };
      if (preRegId === '') return { ...pair, verdict: 'missing', where: ['target'] };
      const row = rowOf(apptId);
      return 'item' in row ? { stream: preRegistrations, target: preRegId, origin: 'created', item: row.item } : { ...pair, ...row };
    }));
  }
  return onceEach(found);
}

type Found = ToldPair | LeftPair;
type Row = { readonly item: Item } | Pick<LeftPair, 'verdict' | 'where'>;

function visitorPair({ digest, clock }: { readonly digest: (text: string) => string; readonly clock: Clock }, { primaryId, barcode, visitorId }: PythonCache['users'][number]): Found {
  const id = accountKey(digest, idText(primaryId));
  const lacks = visitorId === '' ? 'target' : barcode === '' ? 'uniqueId' : undefined;
  if (lacks !== undefined) return { stream: visitors, source: id, target: visitorId, verdict: 'missing', where: [lacks] };
  return { stream: visitors, target: visitorId, origin: 'adopted', item: { id, entity: { uniqueId: barcode }, belongs: true, keepUntil: clock.now() + about.visitorKeptMs } };
}

/** Which row of LibCal each of these bookIds means today. */
async function rowsInLibcal(deps: ReadingDeps & BookingDeps, settings: Settings, bookIds: ReadonlySet<string>): Promise<(bookId: string) => Row> {
  const readings = bookingReadings(deps, settings);
  const { bookings, rejected, spans } = await readings.take();
  if (spans.length < settings.locations.length) throw new VendorAnswerInvalid({ vendor: 'libcal', call: 'bookings of all locations, each of them whole' });
  const rows = Map.groupBy([...bookings.values()].filter(({ booking }) => bookIds.has(booking.bookId) && isActive(booking, settings)), ({ booking }) => booking.bookId);
  // Whether its patron has a card is for the next run to find out.
  const looked = await bookingSource(deps, readings, settings, () => undefined).lookUp([...rows.values()].flat().map(({ booking }) => booking.key));
  const items = new Map(looked.flatMap((one) => (one.kind === 'present' ? [[one.item.id, one.item]] : [])));
  return (bookId) => {
    const mine = rows.get(bookId) ?? [];
    // A row that cannot be read tells no bookId: it may be this one.
    if (mine.length === 0) return { verdict: rejected.length > 0 ? 'unreadable' : 'missing', where: ['source'] };
    const visits = mine.flatMap(({ booking }) => items.get(booking.key) ?? []);
    if (visits.length < mine.length) return { verdict: 'unreadable', where: ['source'] };
    // Several seats for one person and time are one visit, and one of the rows carries it.
    const isOne = new Set(visits.map(({ entity }) => JSON.stringify(entity))).size === 1;
    const item = visits.find(({ belongs }) => belongs === true) ?? visits[0];
    return isOne && item !== undefined ? { item } : { verdict: 'ambiguous', where: mine.map(({ booking }) => booking.key) };
  };
}

const isActive = ({ status }: PlacedBooking['booking'], { libcal }: Settings): boolean => classOf(status, libcal.activeStatuses) === 'active';

/** An item has one partner: what the tool knew twice, and not alike, is left to a person. */
function onceEach(found: readonly Found[]): TakenOver {
  const pairs = found.flatMap((one) => ('item' in one ? [one] : []));
  const partners = { source: partnersOf(pairs, 'source'), target: partnersOf(pairs, 'target') };
  const left: LeftPair[] = found.flatMap((one) => ('item' in one ? [] : [one]));
  const kept = new Map<string, ToldPair>();
  for (const pair of pairs) {
    const { stream, target, item } = pair;
    const others = [partners.source.get(`${stream} ${item.id}`), partners.target.get(`${stream} ${target}`)].flatMap((some) => (some !== undefined && some.size > 1 ? [...some] : []));
    if (others.length > 0) left.push({ stream, source: item.id, target, verdict: 'ambiguous', where: others.filter((id) => id !== item.id && id !== target) });
    else kept.set(`${stream} ${item.id}`, pair);
  }
  return { pairs: [...kept.values()], left };
}

function partnersOf(pairs: readonly ToldPair[], side: 'source' | 'target'): ReadonlyMap<string, ReadonlySet<string>> {
  const partners = new Map<string, Set<string>>();
  for (const { stream, target, item } of pairs) {
    const [own, other] = side === 'source' ? [item.id, target] : [target, item.id];
    const key = `${stream} ${own}`;
    partners.set(key, (partners.get(key) ?? new Set()).add(other));
  }
  return partners;
}
