/** A mission hub with one trip, and the few hands that its stories need: people sign up, and a person answers what waits. */
import { doneByHand } from '../../../shared/engine/by-hand.ts';
import type { ReefMember, ReefRegistration } from '../../../shared/simulators/servicereef-records.ts';
import { missionHub, type MissionHubSettings } from '../../samples/mission-hub.ts';

export const tripId = 31_001;
export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export function aMission(settings: MissionHubSettings = {}) {
  const hub = missionHub(settings);
  hub.reef.events.add({ eventId: tripId, name: 'Monterrey summer team' });
  const { events, constituents } = hub.sky;
  return {
    ...hub,
    /** A new account and its registration. @returns the account's number */
    signUp(person: Partial<ReefMember> = {}, registration: Partial<ReefRegistration> = {}): number {
      const { userId } = hub.reef.members.add(person);
      hub.reef.registrations.register({ eventId: tripId, status: 'Approved', registeredAt: '2026-01-19T20:14:09', ...registration, userId });
      return userId;
    },
    theEvent: (eventId = tripId) => events.all().find(({ lookup_id: lookupId }) => lookupId === `SR-${eventId}`),
    /** As `first last`. */
    donors: () => constituents.all().map(({ first, last }) => [first, last].filter((part) => part !== null && part !== undefined).join(' ')),
    rsvps: (eventId = tripId) => hub.roster(eventId).map(({ rsvp_status: status }) => status),
    async byHand(stream: 'events' | 'people' | 'participants', sourceId: number | string, id: string) {
      const link = await hub.linkOf(stream, sourceId);
      return doneByHand(hub.world(), hub.connector(), { stream, key: link?.key ?? '', by: 'a test' }, { done: true, id });
    },
  };
}

export type Mission = ReturnType<typeof aMission>;

export const theWhitlocks = { lastName: 'Whitlock', email: 'whitlock.home@example.net' };
export const dana = { ...theWhitlocks, firstName: 'Dana', phone: '(513) 555-0142' };
export const theo = { ...theWhitlocks, firstName: 'Theo' };
/** A donor of NXT. */
export const donor = (first: string, last: string, address: string) => ({ first, last, email: { address, type: 'Email', primary: true } });

export const codesOf = ({ problems }: { readonly problems: readonly { readonly stream: string; readonly code: string }[] }): readonly string[] => problems.map(({ stream, code }) => `${stream} ${code}`);
