/** Trips, travellers and registrations become events, constituents and participants. One way: ServiceReef is never written, and a donor's file is only added to. */
import type { Connector } from '../../engine/connector.ts';
import type { StagedWrite } from '../../sync/link.ts';
import { defaultGuard } from '../../sync/guard.ts';
import { oneWay } from '../../sync/policy.ts';
import { about, eventFields, participantFields, personFields } from './about.ts';
import { constituentTarget } from './constituents.ts';
import { eventTarget } from './nxt-events.ts';
import type { NxtDeps } from './nxt.ts';
import { participantTarget } from './participants.ts';
import { reefReadings, type ReadingDeps } from './reading.ts';
import { registrationSource } from './registrations.ts';
import { rekeyedIn } from './rekeyed.ts';
import type { Settings } from './settings.ts';
import { travellerSource } from './travellers.ts';
import { tripSource } from './trips.ts';

export type ServiceReefNxtDeps = ReadingDeps & NxtDeps;

export function serviceReefNxt(deps: ServiceReefNxtDeps, settings: Settings): Connector {
  const readings = reefReadings(deps, settings);
  const rekeyed = rekeyedIn(deps.memory);
  const common = { policy: oneWay, fullEveryMs: about.fullEveryMs, guard: defaultGuard, shape: about.shape, keyFor: (_side: unknown, from: { readonly id: string }, lives: number) => `${from.id}${lives > 0 ? `-${lives}` : ''}` };
  return {
    id: about.id,
    title: about.title,
    everyMinutes: settings.everyMinutes,
    budgets: [{ system: 'nxt', perSecond: settings.nxt.perSecond, perDay: settings.nxt.callsPerDay - settings.nxt.reservePerDay }],
    streams: [ // parents first: a participant needs its event's and its person's id
      { ...common, name: about.streams.events, source: tripSource(deps, readings, settings), target: eventTarget(deps), fields: eventFields, cost: { system: 'nxt', calls: eventCalls }, childrenStay: true },
      { ...common, name: about.streams.people, source: travellerSource(deps, readings, rekeyed), target: constituentTarget(deps, settings), fields: personFields, cost: { system: 'nxt', calls: personCalls } },
      { ...common, name: about.streams.participants, source: registrationSource(deps, readings, settings), target: participantTarget(deps, rekeyed), fields: participantFields, guardPer: 'event', cost: { system: 'nxt', calls: participantCalls } },
    ],
  };
}

// At most, as far as a plan can know: a list that several share is counted with each.
const eventCalls = ({ kind }: StagedWrite): number => ({ create: 3, update: 2, delete: 1 })[kind];
/** Three searches, two records to look at, a create or what is added to a file: each is looked for first. */
const personCalls = ({ kind }: StagedWrite): number => ({ create: 10, update: 7, delete: 0 })[kind];
const participantCalls = ({ kind }: StagedWrite): number => ({ create: 2, update: 1, delete: 2 })[kind];
