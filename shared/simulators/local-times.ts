/**
 * Wall-clock time of a zone, for simulators whose vendors show moments with the offset of a place. Built on Intl alone, so that
 * it stays a second witness beside the date library that the clients use.
 */

/** `2026-11-23T09:00:00-05:00`, the offset being the zone's own at that moment. */
export function localText(ms: number, zone: string): string {
  const minutes = offsetMinutes(ms, zone);
  const clock = new Date(ms + minutes * 60_000).toISOString().slice(0, 19);
  const size = Math.abs(minutes);
  return `${clock}${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

/** The day that a calendar on the wall shows there, `2026-11-23`. */
export function localDate(ms: number, zone: string): string {
  return new Date(ms + offsetMinutes(ms, zone) * 60_000).toISOString().slice(0, 10);
}

export function daysLater(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

/** A day that exists, written `2026-11-23`. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

const quarterMs = 900_000; // offsets change at quarters of an hour only
const formats = new Map<string, Intl.DateTimeFormat>();
const known = new Map<string, number>();

/** East of UTC is positive. Thousands of rows share few offsets, and Intl is slow: each quarter of an hour is asked once. */
function offsetMinutes(ms: number, zone: string): number {
  const key = `${zone} ${Math.floor(ms / quarterMs)}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  formats.set(zone, format);
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name) ?? [];
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
  known.set(key, offset);
  return offset;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
