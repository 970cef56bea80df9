/**
 * Which time zone a name means: the IANA database's own names, also behind a vendor's prefix, and the names that Windows has for them. What
 * is no name of a zone is undefined, never UTC.
 */
import { Temporal } from 'temporal-polyfill';
import { findIana, findWindows } from 'windows-iana';

const namesMax = 1000; // a bound on memory, not a rule: names come from outside
const knownNames = new Map<string, string | undefined>();

/** The IANA name behind a TZID, if there is one: as it is, behind `/vendor/version/`, or as Windows calls it. */
export function ianaName(tzid: string | undefined): string | undefined {
  if (tzid === undefined) return undefined;
  if (knownNames.has(tzid)) return knownNames.get(tzid);
  const segments = tzid.trim().split('/').filter((segment) => segment !== '');
  const candidates = [tzid.trim(), ...(segments.length > 1 ? [3, 2].map((count) => segments.slice(-count).join('/')) : []), ...findIana(tzid.trim())];
  const found = candidates.find(isZone);
  if (knownNames.size >= namesMax) knownNames.clear();
  knownNames.set(tzid, found);
  return found;
}

function isZone(name: string): boolean {
  // Asking for a zone loads the whole ICU (9 to 15 ms, a twentieth of a run that changes nothing); the table knows the common ones.
  if (findWindows(name).length > 0) return true;
  if (!/^[A-Za-z][\w+\-/]*$/.test(name)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    return false;
  }
}
