/** What the stack promises, read from the template that CloudFormation gets. */
import { beforeAll, describe, expect, test } from 'vitest';
import { leaseMs } from '../../shared/engine/ports.ts';
import { fieldsOf } from '../../shared/base/fields-of.ts';
import { ofType, referred, resourcesOf, statementsOf, type Resource } from './stacks.ts';

let resources: readonly Resource[];

beforeAll(() => {
  resources = resourcesOf();
});

const functions = (): readonly Resource[] => ofType(resources, 'AWS::Lambda::Function');
const queues = (): readonly Resource[] => ofType(resources, 'AWS::SQS::Queue');
const mappings = (): readonly Resource[] => ofType(resources, 'AWS::Lambda::EventSourceMapping');
const byId = (id: string | undefined): Resource | undefined => resources.find((one) => one.id === id);

describe('queues', () => {
  test('a message stays hidden for six times the time limit of the function that works on it', () => {
    const pairs = mappings().map(({ properties: { FunctionName, EventSourceArn } }) => ({
      limit: Number(byId(referred(FunctionName))?.properties['Timeout']), hidden: Number(byId(referred(EventSourceArn))?.properties['VisibilityTimeout']),
    }));

    expect(pairs).toHaveLength(2);
    for (const { limit, hidden } of pairs) expect(hidden).toBeGreaterThanOrEqual(6 * limit);
  });

  test('every queue has a dead-letter queue after five tries, but the dead-letter queue itself, which keeps for 14 days', () => {
    const targets = queues().flatMap(({ properties: { RedrivePolicy } }) => (RedrivePolicy === undefined ? [] : [{ to: referred(fieldsOf(RedrivePolicy)['deadLetterTargetArn']), tries: fieldsOf(RedrivePolicy)['maxReceiveCount'] }]));
    const without = queues().filter(({ properties: { RedrivePolicy } }) => RedrivePolicy === undefined);

    expect(without.map(({ id }) => id)).toEqual([targets[0]?.to]);
    expect(new Set(targets.map(({ to }) => to)).size).toBe(1);
    expect(targets.every(({ tries }) => tries === 5)).toBe(true);
    expect(without[0]?.properties['MessageRetentionPeriod']).toBe(14 * 86_400);
  });

  test('every worker names the messages that come back, and few work at once', () => {
    for (const { properties: { FunctionResponseTypes, ScalingConfig } } of mappings()) {
      expect(FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect(fieldsOf(ScalingConfig)['MaximumConcurrency']).toBe(2);
    }
  });
});

describe('functions', () => {
  test('all run on Node 24 and arm64, are traced, and have a memory and a time limit of their own', () => {
    expect(functions().map(({ properties: { FunctionName } }) => String(FunctionName)).sort()).toEqual(['concord-test-api', 'concord-test-dead-letter', 'concord-test-directus-nextcloud-apply', 'concord-test-directus-nextcloud-plan', 'concord-test-webhook']);
    for (const { properties } of functions()) {
      expect(properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], TracingConfig: { Mode: 'Active' } });
      expect(properties['MemorySize']).toBeGreaterThan(128);
      expect(properties['Timeout']).toBeGreaterThan(3);
    }
  });

  test('every function has a log of its own that forgets', () => {
    const logs = functions().map(({ properties: { LoggingConfig } }) => referred(fieldsOf(LoggingConfig)['LogGroup']));

    expect(new Set(logs).size).toBe(functions().length);
    for (const log of logs) expect(byId(log)?.properties['RetentionInDays']).toBe(7);
    expect(ofType(resources, 'AWS::Logs::LogGroup').every(({ properties: { RetentionInDays } }) => typeof RetentionInDays === 'number')).toBe(true);
  });

  test('no value of a secret stands in an environment, only names', () => {
    for (const { properties: { Environment } } of functions()) {
      const variables = fieldsOf(fieldsOf(Environment)['Variables']);
      expect(JSON.stringify(variables)).not.toMatch(/resolve:secretsmanager|resolve:ssm|SecretString/i);
      expect(Object.keys(variables).filter((name) => /PASSWORD|TOKEN|KEY|JWT/.test(name))).toEqual([]);
      expect(JSON.stringify(variables['CONCORD_SECRET'] ?? 'concord/test/none')).toMatch(/^"concord\/test\/[a-z-]+"$/);
    }
  });

  test('a lease and a claim hold at least as long as the worker that has them may live', () => {
    for (const { properties: { Timeout } } of functions()) expect(Number(Timeout) * 1000).toBeLessThanOrEqual(leaseMs);
  });

  test('a run that fails is not repeated by the platform', () => {
    expect(ofType(resources, 'AWS::Lambda::EventInvokeConfig').map(({ properties: { MaximumRetryAttempts } }) => MaximumRetryAttempts)).toEqual([0]);
  });
});

describe('permissions', () => {
  test('every grant names exact actions and one resource; X-Ray alone has none to name', () => {
    const wide = statementsOf(resources).filter(({ actions, resources: named }) => [...actions, ...named].some((part) => typeof part === 'string' && part.includes('*')));

    expect(new Set(wide.flatMap(({ actions }) => actions))).toEqual(new Set(['xray:PutTraceSegments', 'xray:PutTelemetryRecords']));
    expect(wide).toHaveLength(functions().length);
  });

  test('a statement is about one thing, or the indexes of one table', () => {
    for (const { resources: named } of statementsOf(resources)) {
      const things = new Set(named.map((one) => referred(one) ?? JSON.stringify(one).match(/"Fn::GetAtt":\["([^"]+)"/)?.[1] ?? JSON.stringify(one)));
      expect(things.size).toBe(1);
    }
  });

  test('each function has a role of its own, without policies of others', () => {
    const roles = functions().map(({ properties: { Role } }) => referred(Role));

    expect(new Set(roles).size).toBe(functions().length);
    for (const { properties: { ManagedPolicyArns } } of ofType(resources, 'AWS::IAM::Role')) expect(ManagedPolicyArns).toBeUndefined();
  });

  test('what is no queue or topic of ours can be talked to in the clear by nobody', () => {
    const denials = ['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'].flatMap((type) => ofType(resources, type));

    expect(denials).toHaveLength(queues().length + 1);
    for (const { properties: { PolicyDocument } } of denials) expect(JSON.stringify(PolicyDocument)).toContain('"aws:SecureTransport":"false"');
  });
});

describe('the HTTP side', () => {
  test('every route has its own limit, and every request its line in the access log, without who or what', () => {
    const routes = ofType(resources, 'AWS::ApiGatewayV2::Route').map(({ properties: { RouteKey } }) => String(RouteKey));
    const [stage, ...others] = ofType(resources, 'AWS::ApiGatewayV2::Stage');
    const limits = fieldsOf(stage?.properties['RouteSettings']);

    expect(others).toEqual([]);
    expect(Object.keys(limits).sort()).toEqual(routes.sort());
    for (const limit of [...Object.values(limits), stage?.properties['DefaultRouteSettings']]) {
      expect(fieldsOf(limit)['ThrottlingRateLimit']).toBeGreaterThan(0);
      expect(fieldsOf(limit)['ThrottlingBurstLimit']).toBeGreaterThan(0);
    }
    expect(String(fieldsOf(stage?.properties['AccessLogSettings'])['Format'])).not.toMatch(/sourceIp|querystring|\$context\.path/i);
  });
});

describe('the schedule', () => {
  test('has a time zone, retries, and a place for starts that never began', () => {
    const schedules = ofType(resources, 'AWS::Scheduler::Schedule');

    expect(schedules).toHaveLength(1);
    for (const { properties } of schedules) {
      const target = fieldsOf(properties['Target']);
      expect(properties).toMatchObject({ ScheduleExpression: 'cron(0 0/1 * * ? *)', ScheduleExpressionTimezone: 'Europe/Berlin' });
      expect(target['RetryPolicy']).toEqual({ MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3600 });
      expect(referred(fieldsOf(target['DeadLetterConfig'])['Arn'])).toBe(queues().find(({ properties: { QueueName } }) => QueueName === 'concord-test-dead-letters')?.id);
    }
  });
});

describe('what is kept', () => {
  test('the tables are restorable, on demand and forget what has expired', () => {
    const tables = ofType(resources, 'AWS::DynamoDB::GlobalTable');

    expect(tables.map(({ properties: { TableName } }) => String(TableName)).sort()).toEqual(['concord-test-hosted', 'concord-test-links', 'concord-test-runs']);
    for (const { properties } of tables) {
      expect(properties).toMatchObject({ BillingMode: 'PAY_PER_REQUEST', TimeToLiveSpecification: { Enabled: true } });
      expect(JSON.stringify(properties['Replicas'])).toContain('"PointInTimeRecoveryEnabled":true');
    }
  });

  test.each([[true, 'Retain'], [false, 'Delete']])('keepsData %s: tables and secrets are "%s" with the stack, and tables refuse to be deleted accordingly', (keepsData, policy) => {
    const made = resourcesOf({ keepsData });

    const kept = [...ofType(made, 'AWS::DynamoDB::GlobalTable'), ...ofType(made, 'AWS::SecretsManager::Secret')];
    expect(kept).toHaveLength(5);
    for (const { keptAs } of kept) expect(keptAs).toBe(policy);
    for (const { properties } of ofType(made, 'AWS::DynamoDB::GlobalTable')) expect(JSON.stringify(properties['Replicas'])).toContain(`"DeletionProtectionEnabled":${keepsData}`);
  });
});
