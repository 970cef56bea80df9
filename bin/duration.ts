/** Spans of time as people write them: `30s`, `60m`, `1h`. */
import { InvalidArgumentError } from 'commander';

const unitMs = { s: 1000, m: 60_000, h: 3_600_000 };
const longestMs = 7 * 24 * unitMs.h;

/** @returns milliseconds, 1 s to 7 days. @throws InvalidArgumentError */
export function parseDuration(text: string): number {
  const [, digits, unit] = /^(\d{1,6})([smh])$/.exec(text) ?? [];
  const ms = Number(digits) * unitMs[unit === 's' || unit === 'm' ? unit : 'h'];
  if (digits === undefined || ms < unitMs.s || ms > longestMs) throw new InvalidArgumentError('Write it like 30s, 60m or 1h (1 s to 7 days).');
  return ms;
}
