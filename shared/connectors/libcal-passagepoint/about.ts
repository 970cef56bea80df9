/**
 * What is fixed about this connector, as plain data. What a site may choose stands in settings.ts.
 */

export const about = {
  id: 'libcal-passagepoint',
  title: 'LibCal bookings and PassagePoint',
  streams: { visitors: 'visitors', preRegistrations: 'pre-registrations' },
  /** Names the mapping; raise it when map.ts starts to read the same booking or the same account differently. */
  shape: 'libcal-passagepoint/1',
  // PassagePoint cannot be listed, and LibCal is listed whole in every run.
  fullEveryMs: 24 * 3_600_000,
  /** Of what is known about an account: cards are replaced, and a corrected one must work the next day. */
  freshMs: 24 * 3_600_000,
  /** An account that did not let its owner in is looked at again soon: somebody may be mending it at the desk. */
  retryMs: 3_600_000,
  /** A person without a booking is forgotten then; the visitor stays in PassagePoint and is found again by the card. */
  visitorKeptMs: 365 * 24 * 3_600_000,
  // Cancelling is daily business here, and a withdrawal that waits for a person leaves a door open. Only what looks like a broken reading is held.
  guard: { shareMax: 0.5, countMax: 25 },
};

/** Every field of a visit, in the order in which it is digested. A new order would make every visit look changed. */
export const visitFields = ['startsAt', 'endsAt', 'destination', 'visitor'] as const;
export const visitorFields = ['uniqueId', 'firstName', 'lastName', 'email', 'category'] as const;
