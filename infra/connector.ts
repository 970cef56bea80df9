/**
 * One connector in the cloud, in the order in which its data flows: secret, schedule, plan function, queue, apply function. Each further
 * connector is the same once more; what is particular to it is in its bundle.
 */
import { ArnFormat, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Function } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { applyFunction, digestKeyName, functionName, planFunction, secretName, variable } from '../shared/base/names.ts';
import { acknowledge } from './acknowledge.ts';
import { invoke, readSecret, sendTo, useTable, writeSecret } from './grants.ts';
import type { House } from './house.ts';
import { applyQueue, feed } from './queues.ts';
import { schedule } from './schedule.ts';
import type { ConnectorSettings } from './settings.ts';

export interface ConnectorInCloud {
  readonly id: string;
  readonly secret: Secret;
  readonly plan: Function;
  readonly queue: Queue;
  readonly apply: Function;
  readonly hasOAuth: boolean;
}

/** As long as Lambda lets a function live; a lease and a claim hold that long (leaseMs in shared/engine/ports.ts). */
const timeout = Duration.minutes(15);
// Parsing a thousand calendar objects is the peak; more memory also means more of a processor.
const planMemory = 1024;
// A hundred links at a time, and nearly all of its time it waits for the systems: 200 changes take a third of a second of a processor.
const applyMemory = 512;
/** The least that there is. The systems so far bear one writer, and the second worker finds out cheaply. */
const workersMax = 2;

export function connectorInCloud(house: House, settings: ConnectorSettings, deadLetters: Queue): ConnectorInCloud {
  const { stack, stage, tables } = house;
  const connector = settings.id;
  const hasOAuth = house.oauthConnectors.includes(connector);
  const named = connector.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');

  const secret = new Secret(stack, `${named}Secret`, {
    secretName: secretName(stage, connector),
    description: `Credentials of ${connector}, by the names of docs/aws.md; and the key of its digests, which has to stay`,
    generateSecretString: { secretStringTemplate: '{}', generateStringKey: digestKeyName, passwordLength: 64, excludePunctuation: true },
    removalPolicy: house.settings.keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  acknowledge(secret, { 'AwsSolutions-SMG4': 'what stands in it is given out by other systems, which have no way to be asked for a new one by a program' });

  const queue = applyQueue(stack, `${named}Queue`, { stage, connector, timeout, deadLetters });
  const environment = { [variable.queueUrl]: queue.queueUrl, [variable.secretId]: secretName(stage, connector) };

  const plan = house.make({ id: `${named}Plan`, name: planFunction(connector), description: `Reads both sides of ${connector} and decides`, timeout, memorySize: planMemory, environment });
  // A run that fails is not repeated at once: the next tick goes on with it, and the report says why.
  plan.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(Math.min(360, Math.max(1, settings.everyMinutes))) });
  acknowledge(plan, {
    'Serverless-LambdaDLQ': 'a run that failed is on record and the next tick goes on with it; starts that never began are in the schedule’s dead-letter queue',
    'Serverless-LambdaAsyncFailureDestination': 'a run that failed is on record and the next tick goes on with it; starts that never began are in the schedule’s dead-letter queue',
  });
  schedule(stack, `${named}Schedule`, { stage, settings, plan, deadLetters });

  const apply = house.make({ id: `${named}Apply`, name: applyFunction(connector), description: `Writes what ${connector} has decided`, timeout, memorySize: applyMemory, environment });
  acknowledge(apply, { 'Serverless-LambdaDLQ': 'only its queue calls it, and that queue has one' });
  const mapping = feed(stack, `${named}Feed`, { queue, worker: apply, maxConcurrency: workersMax });
  acknowledge(mapping, { 'Serverless-LambdaEventSourceMappingDestination': 'a queue as a source has none; what gives up goes to the queue’s own dead-letter queue' });

  for (const worker of [plan, apply]) {
    for (const table of [tables.links, tables.runs, tables.hosted]) for (const statement of useTable(table)) worker.addToRolePolicy(statement);
    worker.addToRolePolicy(readSecret(secret));
    if (hasOAuth) worker.addToRolePolicy(writeSecret(secret));
    worker.addToRolePolicy(sendTo(queue));
  }
  // By its name: naming the function itself would make it wait for its own role.
  plan.addToRolePolicy(invoke({ functionArn: stack.formatArn({ service: 'lambda', resource: 'function', resourceName: functionName(stage, planFunction(connector)), arnFormat: ArnFormat.COLON_RESOURCE_NAME }) }));
  return { id: connector, secret, plan, queue, apply, hasOAuth };
}
