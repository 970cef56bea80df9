/**
 * Raiser's Edge NXT through Blackbaud's SKY API: events, participants and constituents of one environment, with the rights of the person who consented.
 * Item by item it answers what became of it; only what stops everything is thrown: sign-in, the day's quota, no usable answer, a wrong address. Facts: the two
 * specifications and the vendor's pages, as the sheet cites them; what is assumed is marked where it stands.
 */
import type { SendDeps } from '../../http/send.ts';
import { skyCalls, type SkyOptions as CallOptions } from './calls.ts';
import { skyConstituents, type SkyConstituents } from './constituents.ts';
import { skyEvents, type SkyEvents } from './events.ts';
import { skyParticipants, type SkyParticipants } from './participants.ts';
import { skySubRecords, type SkySubRecords } from './sub-records.ts';
import { skyTables, type SkyTables } from './tables.ts';

export interface SkyOptions extends CallOptions {
  /** Rows per page of the Event API. Default 10 000, its maximum (confirmed). */
  readonly pageSize?: number | undefined;
  /** Of reading one event. Default `v1`. */
  readonly eventVersion?: 'v1' | 'v2' | undefined;
  /** Lets dates of birth in. Default false: minors are common. */
  readonly birthdates?: boolean | undefined;
}

/**
 * Every method throws VendorSignInFailed (`reason` `TOKEN` or `SUBSCRIPTION_KEY`), QuotaExhausted (and then without a call until `resetsAt`), VendorRateLimited,
 * VendorUnavailable and VendorAnswerInvalid: after a create both of these may mean that it is stored (`sent`, and always for the latter), so look before
 * making it again. What only reads also throws VendorRejected, whose fault `faultOf` (refusals.ts) tells.
 */
export interface SkyClient extends SkySubRecords {
  readonly events: SkyEvents;
  readonly participants: SkyParticipants;
  readonly constituents: SkyConstituents;
  readonly tables: SkyTables;
}

/** @throws ConfigurationInvalid */
export function skyClient(deps: SendDeps, options: SkyOptions): SkyClient {
  const { pageSize = 10_000, eventVersion = 'v1', birthdates = false, ...calling } = options;
  const calls = skyCalls(deps, calling);
  return {
    events: skyEvents(calls, { pageSize, eventVersion }),
    participants: skyParticipants(calls, { pageSize }),
    constituents: skyConstituents(calls, { birthdates }),
    tables: skyTables(calls),
    ...skySubRecords(calls),
  };
}
