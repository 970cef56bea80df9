/** The log without the library says what the other one says. */
import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { lineLog } from '../../shared/base/line-log.ts';
import { pinoLog, type LogSettings } from '../../shared/base/log.ts';

test('both logs write the same lines, with the same levels left out and the same secrets taken out', () => {
  expect(linesOf(lineLog)).toEqual(linesOf(pinoLog));
  expect(linesOf(lineLog)).toHaveLength(2);
});

function linesOf(make: (settings: LogSettings) => ReturnType<typeof lineLog>): readonly unknown[] {
  const lines: string[] = [];
  const log = make({ clock: manualClock(), level: 'info', write: (line) => void lines.push(line), redact: (text) => text.replaceAll('open sesame', '[secret]') });
  log.debug({ run: 'r1' }, 'not worth a line');
  log.info({ run: 'r1', links: 3, why: 'open sesame' }, 'links were looked at');
  log.error({ code: 'E_STORE' }, 'the table is away');
  expect(lines.every((line) => line.endsWith('\n'))).toBe(true);
  return lines.map((line): unknown => JSON.parse(line));
}
