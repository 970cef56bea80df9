/** Figures for alarms, as CloudWatch reads them out of the log. */
import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { metricNamespace, metrics } from '../../shared/base/names.ts';
import { embeddedMetrics } from '../../shared/hub/metrics.ts';

test('a figure is one line in the embedded metric format, without dimensions, and says of what it is', () => {
  const lines: string[] = [];
  const clock = manualClock();
  const told = embeddedMetrics({ clock, namespace: metricNamespace('test'), write: (line) => void lines.push(line) });

  told.tell(metrics.personNeeded, 2, { connector: 'directus-nextcloud', run: 'run-1' });

  expect(lines).toHaveLength(1);
  expect(lines[0]?.endsWith('}\n')).toBe(true);
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    connector: 'directus-nextcloud', run: 'run-1', PersonNeeded: 2,
    _aws: { Timestamp: clock.now(), CloudWatchMetrics: [{ Namespace: 'Concord/test', Dimensions: [[]], Metrics: [{ Name: 'PersonNeeded', Unit: 'Count' }] }] },
  });
});

test('what a figure is about cannot take the place of the figure', () => {
  const lines: string[] = [];
  const told = embeddedMetrics({ clock: manualClock(), namespace: 'n', write: (line) => void lines.push(line) });

  told.tell(metrics.personNeeded, 2, { PersonNeeded: 'many', _aws: 'none' });

  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ PersonNeeded: 2, _aws: { CloudWatchMetrics: [{}] } });
});
