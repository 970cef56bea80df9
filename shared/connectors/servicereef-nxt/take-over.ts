/**
 * Translates what the older Python service remembers (older-maps.ts) into pairs of this connector's own ids, after looking at both: the service matched
 * events by name and people by e-mail alone (confirmed), so some of its pairs are of two different things. Its word counts where nothing contradicts
 * it. What NXT has is kept: only what is blank there is told as blank, and the next run fills just that. Participants had no map; a run finds them on
 * their event's roster. Reads only.
 *
 *   events   trip -> event                              created: a cancelled trip's event becomes inactive
 *   people   account -> <constituent>/<account>         adopted: nobody is ever withdrawn
 */
import { inParallel } from '../../base/in-parallel.ts';
import type { LeftPair, TakenOver, ToldPair } from '../../engine/told-pair.ts';
import { compared } from '../../matching/compare.ts';
import { judged, weights } from '../../matching/decide.ts';
import { foldedName } from '../../matching/person.ts';
import type { Entity } from '../../sync/item.ts';
import type { LookUp } from '../../vendors/rows.ts';
import type { ReefEvent } from '../../vendors/servicereef/schema.ts';
import type { SkyConstituent } from '../../vendors/sky/constituent-schema.ts';
import type { SkyEvent, SkyEventDetail } from '../../vendors/sky/event-schema.ts';
import { about } from './about.ts';
import { sharedId } from './ids.ts';
import { recordFacts } from './ladder.ts';
import { dayOf, factsOf, personOf, type Traveller } from './map.ts';
import { callsAtOnce, type NxtDeps } from './nxt.ts';
import type { OlderMap, OlderPair } from './older-maps.ts';
import { drained, reefReadings, type ReadingDeps } from './reading.ts';
import { isAmong, type Settings } from './settings.ts';

export type TakeOverDeps = ReadingDeps & Pick<NxtDeps, 'sky'>;

const { events, people } = about.streams;

/** @throws what stops a side: then nothing is taken over. */
export async function takeOver(deps: TakeOverDeps, settings: Settings, { stream, pairs, left }: OlderMap): Promise<TakenOver> {
  const look = stream === events ? await looksAtTrips(deps, settings) : await looksAtAccounts(deps, settings);
  return onceEach([...left, ...(await inParallel(pairs, callsAtOnce, look))]);
}

type Found = ToldPair | LeftPair;
type Look = (pair: OlderPair) => Promise<Found>;

async function looksAtTrips({ reef, sky }: TakeOverDeps, { events: { absentStatuses } }: Settings): Promise<Look> {
  const trips = new Map((await drained(reef.events())).rows.map((trip) => [trip.eventId, trip]));
  const standing = new Map((await sky.events.list()).rows.map((event) => [event.id, event]));
  return (pair) => verified<ReefEvent, SkyEvent>(events, pair, {
    source: listedOr(trips, (id) => reef.event(id)),
    target: listedOr(standing, (id) => sky.events.get(id)),
    doubts: eventDoubts,
    async tell(trip) {
      const detail = await sky.events.get(pair.target);
      const isAbsent = isAmong(trip.status, absentStatuses);
      return {
        stream: events, target: pair.target, origin: 'created',
        item: { id: pair.source, entity: detail.kind === 'found' ? blankIn(detail.row) : {}, belongs: isAbsent ? { absentBecause: `${trip.status?.toLowerCase() ?? 'not public'} in ServiceReef` } : true },
      };
    },
  });
}

async function looksAtAccounts(deps: TakeOverDeps, settings: Settings): Promise<Look> {
  const { registrations, travellers } = await reefReadings(deps, settings).take();
  const accounts = new Map<string, Traveller>([...registrations.values()].map(({ row }) => [row.userId, row]));
  for (const [userId, traveller] of travellers) accounts.set(userId, traveller);
  return (pair) => verified<Traveller, SkyConstituent>(people, pair, {
    source: listedOr(accounts, (id) => deps.reef.member(id)),
    target: (id) => deps.sky.constituents.get(id),
    doubts: personDoubts,
    tell: async (_traveller, record) => ({ stream: people, target: sharedId(pair.target, pair.source), origin: 'adopted', item: { id: pair.source, entity: blankOf(record), belongs: true } }),
  });
}

/** Whatever a list leaves out is asked for by its number before it counts as gone. */
const listedOr = <T>(listed: ReadonlyMap<string, T>, ask: (id: string) => Promise<LookUp<T>>) => async (id: string): Promise<LookUp<T>> => {
  const row = listed.get(id);
  return row === undefined ? ask(id) : { kind: 'found', row };
};

interface Looking<S, T> {
  readonly source: (id: string) => Promise<LookUp<S>>;
  readonly target: (id: string) => Promise<LookUp<T>>;
  /** Why the two are not one thing; none where they are. In words without values. */
  readonly doubts: (source: S, target: T) => readonly string[];
  readonly tell: (source: S, target: T) => Promise<ToldPair>;
}

async function verified<S, T>(stream: string, pair: OlderPair, looking: Looking<S, T>): Promise<Found> {
  const [source, target] = [await looking.source(pair.source), await looking.target(pair.target)];
  if (source.kind === 'found' && target.kind === 'found') {
    const doubts = looking.doubts(source.row, target.row);
    return doubts.length > 0 ? { stream, ...pair, verdict: 'ambiguous', where: doubts } : looking.tell(source.row, target.row);
  }
  const sides = Object.entries({ source: source.kind, target: target.kind });
  const verdict = source.kind === 'missing' || target.kind === 'missing' ? 'missing' : 'unreadable';
  const wanted = verdict === 'missing' ? 'missing' : 'rejected';
  return { stream, ...pair, verdict, where: sides.flatMap(([side, kind]) => (kind === wanted ? [side] : [])) };
}

/** The service set some trips a day off, and some to the day on which it ran (confirmed); staff renames. Either one may differ, not both. */
function eventDoubts(trip: ReefEvent, event: SkyEvent): readonly string[] {
  const isSameName = foldedName(trip.name) === foldedName(event.name ?? '');
  const startsOn = dayOf(trip.startDate);
  if (isSameName || (startsOn !== undefined && startsOn === event.startDate)) return [];
  return ['another name', startsOn === undefined || event.startDate === undefined ? 'no start date to compare' : 'another start date'];
}

/** Above what one equal and one other name come to where nothing else is alike: the service's own word does for the rest. */
const fitsFrom = 2;

function personDoubts(traveller: Traveller, record: SkyConstituent): readonly string[] {
  if (record.type === 'Organization') return ['an organization'];
  if (record.deceased === true) return ['deceased in NXT'];
  const mine = factsOf(personOf({ ...traveller, lastName: traveller.lastName ?? '' }));
  const facts = recordFacts(record, undefined);
  const { score, isOtherName } = judged(mine, { id: record.id, facts });
  if (score >= fitsFrom && !isOtherName) return [];
  const against = compared(mine, facts).filter(({ finding }) => weights[finding] < 0).map(({ words }) => words);
  return against.length > 0 ? against : ['too little to compare'];
}

/** Null is what the next run fills; of all else it leaves what stands there. */
function blankIn({ name, startDate, startTime, endDate, endTime, description, capacity, categoryId, goal, location }: SkyEventDetail): Entity {
  return nulls({ name, startDate, startTime, endDate, endTime, description, capacity: capacity === 0 ? undefined : capacity, category: categoryId, goal: goal === 0 ? undefined : goal, location });
}

function blankOf({ email, phone, address }: SkyConstituent): Entity {
  return nulls({ email: email?.address, phone: phone?.number, address: address?.addressLines ?? address?.city });
}

const nulls = (fields: { readonly [field: string]: unknown }): Entity =>
  Object.fromEntries(Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [[field, null]] : [])));

/** An item has one partner: what the service knew twice, and not alike, is left to a person. */
function onceEach(found: readonly Found[]): TakenOver {
  const told = found.flatMap((one) => ('item' in one ? [one] : []));
  const [bySource, byTarget] = [Map.groupBy(told, ({ item }) => item.id), Map.groupBy(told, ({ target }) => target)];
  const pairs = new Map<string, ToldPair>();
  const left: LeftPair[] = found.flatMap((one) => ('item' in one ? [] : [one]));
  for (const pair of told) {
    const { stream, target, item: { id } } = pair;
    const targets = (bySource.get(id) ?? []).map((one) => one.target).filter((other) => other !== target);
    const sources = (byTarget.get(target) ?? []).map(({ item }) => item.id).filter((other) => other !== id);
    if (targets.length + sources.length > 0) left.push({ stream, source: id, target, verdict: 'ambiguous', where: [...targets, ...sources] });
    else pairs.set(id, pair);
  }
  return { pairs: [...pairs.values()], left };
}
