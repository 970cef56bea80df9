/**
 * Reads `Retry-After` in both spellings (RFC 9110, 10.2.3): seconds, or an HTTP date in its current or one of its two
 * obsolete forms. What cannot be read, lies in the past or says "at once" counts as not given; our own backoff stands in.
 */

const dayMs = 24 * 60 * 60 * 1000;

const httpDates = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/, // Sun, 06 Nov 1994 08:49:37 GMT
  /^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/, // Sunday, 06-Nov-94 08:49:37 GMT
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/, // Sun Nov  6 08:49:37 1994
];

/**
 * How long the answer asks us to stay away, in milliseconds, at most 24 hours; undefined where it says nothing usable.
 * A date is measured against the answer's own `Date`, so that a clock of ours that is wrong does not make the wait wrong.
 */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const text = headers.get('retry-after')?.trim();
  if (text === undefined) return undefined;
  const waitMs = /^\d+$/.test(text) ? Number(text) * 1000 : (instantOf(text) ?? Number.NaN) - (instantOf(headers.get('date')) ?? nowMs);
  return waitMs > 0 ? Math.min(waitMs, dayMs) : undefined;
}

function instantOf(text: string | null): number | undefined {
  if (text === null || !httpDates.some((form) => form.test(text))) return undefined;
  // The third form names no zone; it is UTC like the others.
  const instant = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(instant) ? undefined : instant;
}
