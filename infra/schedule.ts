/**
 * When a connector runs by itself: a schedule of EventBridge Scheduler with a time zone, retries, and a place for starts that never began.
 */
import { Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { scheduleName } from '../shared/base/names.ts';
import { invoke, sendTo } from './grants.ts';
import type { ConnectorSettings } from './settings.ts';

export interface ScheduleFacts {
  readonly stage: string;
  readonly settings: ConnectorSettings;
  readonly plan: Function;
  readonly deadLetters: Queue;
}

export function schedule(stack: Stack, id: string, { stage, settings, plan, deadLetters }: ScheduleFacts): CfnSchedule {
  const { id: connector, everyMinutes, timeZone } = settings;
  const role = new Role(stack, `${id}Role`, {
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', { conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(stack).account } } }),
    description: `${stage}: starts ${connector}`,
  });
  role.addToPolicy(invoke(plan));
  role.addToPolicy(sendTo(deadLetters));
  const made = new CfnSchedule(stack, id, {
    name: scheduleName(stage, connector),
    description: `${connector}, every ${everyMinutes} minutes`,
    scheduleExpression: expressionOf(everyMinutes),
    scheduleExpressionTimezone: timeZone,
    flexibleTimeWindow: { mode: 'OFF' },
    target: {
      arn: plan.functionArn,
      roleArn: role.roleArn,
      input: JSON.stringify({ trigger: 'schedule', connector, at: '<aws.scheduler.scheduled-time>' }),
      // A start that is older than the next one is of no use.
      retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: Math.max(60, everyMinutes * 60) },
      deadLetterConfig: { arn: deadLetters.queueArn },
    },
  });
  made.node.addDependency(role);
  return made;
}

/** At the same minutes of each hour, or the same hours of each day, where the rhythm fits into one; then the time zone counts. */
export function expressionOf(everyMinutes: number): string {
  if (everyMinutes < 60 && 60 % everyMinutes === 0) return `cron(0/${everyMinutes} * * * ? *)`;
  const hours = everyMinutes / 60;
  if (Number.isInteger(hours) && 24 % hours === 0) return hours === 24 ? 'cron(0 0 * * ? *)' : `cron(0 0/${hours} * * ? *)`;
  return `rate(${everyMinutes} minutes)`;
}
