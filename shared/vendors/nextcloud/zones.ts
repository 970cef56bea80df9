/**
 * Turns a wall clock time and a TZID into an instant, and back. Names are looked up in the IANA database first (also behind
 * vendor prefixes and Windows names), because many objects carry no VTIMEZONE or an outdated one; the object's own VTIMEZONE
 * answers only for names that nobody knows. A zone that cannot be found rejects the item: it is never taken for UTC.
 */
import ICAL from 'ical.js';
import { Temporal } from 'temporal-polyfill';
import { ItemInvalid } from '../../base/errors.ts';
import { ianaName } from '../../base/zone-names.ts';

export interface Zone {
  /** The IANA name; undefined for a zone that only the object's VTIMEZONE describes. */
  readonly iana: string | undefined;
  /** In a gap the offset before it counts, in an overlap the first of the two instants (RFC 5545, 3.3.5). */
  readonly instantOf: (local: Temporal.PlainDateTime) => Temporal.Instant;
}

/** @throws ItemInvalid E_ZONE_UNKNOWN when neither the IANA database, Windows nor the calendar knows the name. */
export function zoneNamed(tzid: string, calendar?: ICAL.Component): Zone {
  const described = calendar === undefined ? undefined : descriptionOf(tzid, calendar);
  const iana = ianaName(tzid) ?? ianaName(locationOf(described));
  if (iana !== undefined) return { iana, instantOf: (local) => local.toZonedDateTime(iana).toInstant() };
  if (described !== undefined && hasRules(described)) return describedZone(tzid, described);
  throw new ItemInvalid({
    code: 'E_ZONE_UNKNOWN',
    message: 'the time zone is unknown and the object does not describe it; choose a named zone in the calendar',
    field: 'start',
  });
}

/** The wall clock in a zone at an instant; undefined where the clock reading would be taken for another instant (overlap). */
export function localIn(iana: string, instant: Temporal.Instant): Temporal.PlainDateTime | undefined {
  const local = instant.toZonedDateTimeISO(iana).toPlainDateTime();
  return local.toZonedDateTime(iana).toInstant().equals(instant) ? local : undefined;
}

function descriptionOf(tzid: string, calendar: ICAL.Component): ICAL.Component | undefined {
  return calendar.getAllSubcomponents('vtimezone').find((zone) => zone.getFirstPropertyValue('tzid') === tzid);
}

function locationOf(zone: ICAL.Component | undefined): string | undefined {
  const location = zone?.getFirstPropertyValue('x-lic-location');
  return typeof location === 'string' ? location : undefined;
}

function hasRules(zone: ICAL.Component): boolean {
  return [...zone.getAllSubcomponents('standard'), ...zone.getAllSubcomponents('daylight')].some(
    (rule) => rule.hasProperty('dtstart') && rule.hasProperty('tzoffsetto'),
  );
}

function describedZone(tzid: string, component: ICAL.Component): Zone {
  const zone = new ICAL.Timezone({ tzid, component });
  return {
    iana: undefined,
    instantOf: (local) => {
      const { year, month, day, hour, minute, second } = local;
      const seconds = new ICAL.Time({ year, month, day, hour, minute, second, isDate: false }, zone).toUnixTime();
      return Temporal.Instant.fromEpochMilliseconds(seconds * 1000);
    },
  };
}
