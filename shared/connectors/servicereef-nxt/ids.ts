/**
 * How items are called. In NXT each of ours carries its number in ServiceReef as a mark. Two accounts of one person share a constituent, and their
 * registrations a participant, but an item belongs to one link: here its id is what stands in NXT and whose it is, `20418/70412`.
 */

/** Of an event, a traveller, a registration (`31877/70411`). */
export const markOf = (id: string): string => `SR-${id}`;

export const sharedId = (standing: string, own: string): string => `${standing}/${own}`;

/** What stands in NXT; a person who tells it by hand names that alone. */
export const standingIn = (id: string): string => id.split('/')[0] ?? id;

/** The account, where it is told. */
export const accountIn = (id: string): string | undefined => id.split('/')[1];
