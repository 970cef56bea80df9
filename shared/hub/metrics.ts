/**
 * Figures that alarms watch, as lines of the log in CloudWatch's embedded metric format: no call, no permission, and nothing to pay for
 * hours in which there is nothing to tell. Few names, no dimensions; which connector it was stands in the same line.
 */
import type { Clock } from '../base/clock.ts';
import type { MetricName } from '../base/names.ts';

export interface Metrics {
  tell(name: MetricName, value: number, facts?: object): void;
}

export function embeddedMetrics(world: { readonly clock: Clock; readonly namespace: string; readonly write: (line: string) => void }): Metrics {
  return {
    tell: (name, value, facts = {}) => {
      const metric = { Timestamp: world.clock.now(), CloudWatchMetrics: [{ Namespace: world.namespace, Dimensions: [[]], Metrics: [{ Name: name, Unit: 'Count' }] }] };
      world.write(`${JSON.stringify({ ...facts, [name]: value, _aws: metric })}\n`);
    },
  };
}
