/**
 * What wakes a person: few alarms, over all connectors, each with a text that says what to do and where it is written down. Nothing here is
 * urgent for the data: what cannot be done is kept and done later.
 */
import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, MathExpression, Metric, Stats, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { functionName, metricNamespace, metrics, type MetricName } from '../shared/base/names.ts';
import type { ConnectorInCloud } from './connector.ts';
import type { House } from './house.ts';

interface Watched {
  readonly connectors: readonly ConnectorInCloud[];
  readonly deadLetters: Function;
  /** Those that nobody else tells of. */
  readonly others: readonly Function[];
}

interface AlarmFacts {
  readonly id: string;
  /** What has happened, what to do, and the section of the runbook. */
  readonly what: string;
  readonly todo: string;
  readonly section: string;
  readonly metric: IMetric;
  readonly threshold: number;
  readonly periods?: number;
  readonly ofThem?: number;
  readonly missing?: TreatMissingData;
}

const hour = Duration.hours(1);

export function alarms({ stack, stage, settings }: House, { connectors, deadLetters, others }: Watched): Topic {
  const topic = new Topic(stack, 'Alarms', { topicName: functionName(stage, 'alarms'), displayName: `Concord ${stage}`, enforceSSL: true });
  if (settings.alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(settings.alarmEmail));
  const slowest = Math.max(...settings.connectors.map(({ everyMinutes }) => everyMinutes));
  const ours = (name: MetricName): Metric => new Metric({ namespace: metricNamespace(stage), metricName: name, statistic: Stats.MAXIMUM, period: hour });

  const all: readonly AlarmFacts[] = [
    {
      id: 'OldestMessage', section: 'messages-wait', threshold: 2 * 3600,
      what: 'Changes have waited for two hours to be written.', todo: 'Look whether the system that is written to is slow or away; they are written when it is back.',
      metric: over(connectors.map(({ queue }) => queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period: Duration.minutes(15) })), 'MAX', 'the oldest message of all queues'),
    },
    {
      id: 'GaveUp', section: 'gave-up', threshold: 1,
      what: 'Something was tried five times, or could not be started or read.', todo: 'See in the status which connector, then replay.',
      metric: deadLetters.metricInvocations({ statistic: Stats.SUM, period: Duration.minutes(15) }),
    },
    {
      id: 'RunsFail', section: 'a-system-does-not-answer', threshold: 1, periods: 3, ofThem: 2,
      what: 'Runs fail, in two of three hours.', todo: 'The last report in the status names the system and the reason.',
      metric: over(connectors.map(({ plan }) => plan.metricErrors({ statistic: Stats.SUM, period: hour })), 'SUM', 'failed runs'),
    },
    {
      id: 'SignInNeeded', section: 'sign-in-needed', threshold: 1,
      what: 'A system does not accept our credentials.', todo: 'Put new ones into the connector’s secret; the work is kept and goes on.',
      metric: ours(metrics.signInNeeded),
    },
    {
      id: 'PersonNeeded', section: 'a-plan-is-held', threshold: 1,
      what: 'A plan would remove more than is usual, and waits; or a system cannot be changed by our hand, and somebody has to do it there now.', todo: 'Look at the status: release the plan if it is meant; do what the worklist names, then resolve it with --done.',
      metric: ours(metrics.personNeeded),
    },
    {
      id: 'QuotaUsedUp', section: 'no-calls-left', threshold: 1,
      what: 'The day’s calls to a system are used up, or nearly, and the rest is left to others.', todo: 'It goes on at the reset. If it is so every day, ask for a larger allowance or run less often.',
      metric: ours(metrics.quotaUsedUp),
    },
    {
      id: 'NoSuccess', section: 'no-successful-run', threshold: 1, periods: Math.max(2, Math.ceil(slowest / 60) + 1), missing: TreatMissingData.BREACHING,
      what: 'A connector has had no successful run for two of its intervals, or none has run at all.', todo: 'See in the status which one, then its last report and its schedule.',
      metric: ours(metrics.connectorsLate),
    },
    {
      id: 'FunctionErrors', section: 'a-function-fails', threshold: 3,
      what: 'A function of the HTTP side, or the one that keeps what gave up, fails.', todo: 'Read its log by the request id.',
      metric: over(others.map((one) => one.metricErrors({ statistic: Stats.SUM, period: Duration.minutes(15) })), 'SUM', 'errors'),
    },
  ];
  for (const { id, what, todo, section, metric, threshold, periods = 1, ofThem = periods, missing = TreatMissingData.NOT_BREACHING } of all) {
    new Alarm(stack, `Alarm${id}`, {
      alarmName: functionName(stage, id),
      alarmDescription: `${what} ${todo} See docs/runbook.md#${section}`,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: ofThem,
      treatMissingData: missing,
    }).addAlarmAction(new SnsAction(topic));
  }
  return topic;
}

/** One figure over several; an alarm may look at ten. */
function over(watched: readonly Metric[], how: 'MAX' | 'SUM', label: string): IMetric {
  const [only] = watched;
  if (only !== undefined && watched.length === 1) return only;
  const usingMetrics = Object.fromEntries(watched.map((metric, at) => [`m${at}`, metric]));
  return new MathExpression({ expression: `${how}([${Object.keys(usingMetrics).join(', ')}])`, usingMetrics, label, ...(only && { period: only.period }) });
}
