/**
 * The cloud's functions on this machine: the same handlers, over what this hub remembers. A person tries a trigger by hand, and a test holds
 * every sample of events/ to what it is a sample of. What a plan sends is worked at once, and what it starts again is started: in the cloud
 * the queue and the platform do that.
 */
import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Clock } from '../base/clock.ts';
import type { Variables } from '../base/config.ts';
import { ConfigurationInvalid } from '../base/errors.ts';
import { fieldsOf } from '../base/fields-of.ts';
import type { Log } from '../base/log.ts';
import { applyFunction, digestKeyName, planFunction } from '../base/names.ts';
import { leaseMs } from '../engine/ports.ts';
import type { SecretStore } from '../http/secrets.ts';
import { localQueue, type LocalQueue } from '../stores/local-queue.ts';
import { localApi } from './api/local-api.ts';
import { requestOf } from './api/lambda.ts';
import { applyBatch, type QueueRecord } from './aws-apply.ts';
import { recordLetters } from './aws-dead-letters.ts';
import { recordsIn } from './aws-events.ts';
import { planOnTrigger } from './aws-plan.ts';
import type { Life, PlanParts } from './aws-plane.ts';
import type { ConnectorFactory } from './connector-factory.ts';
import type { Host } from './errand.ts';
import type { LocalHub } from './local.ts';
import type { AddressedLook, RunTrigger } from './trigger.ts';

export interface LocalFunctionParts {
  readonly hub: LocalHub;
  readonly host: Host;
  readonly factories: readonly ConnectorFactory[];
  readonly variables: Variables;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch: typeof fetch;
  readonly configFolder?: string | undefined;
  /** Of a hub that keeps tokens. */
  readonly secrets?: SecretStore | undefined;
}

export interface Invoked {
  readonly answer: unknown;
  /** What came of it by itself: runs that it started again, batches of messages that it sent. */
  readonly afterwards: readonly { readonly name: string; readonly answer: unknown }[];
}

const limitMs = 900_000;
const startsMax = 20;

/** @throws ConfigurationInvalid for a function that there is not; what the function throws. */
export async function invokeLocally(parts: LocalFunctionParts, name: string, event: unknown): Promise<Invoked> {
  const shared: { readonly [name: string]: () => Promise<unknown> } = {
    api: () => httpAnswer(parts, event),
    webhook: () => httpAnswer(parts, event),
    oauth: () => httpAnswer(parts, event),
    'dead-letter': () => recordLetters({ table: parts.hub.remembered.table, clock: parts.clock, log: parts.log }, recordsIn(event)),
  };
  const own = shared[name];
  if (own) return { answer: await own(), afterwards: [] };
  for (const factory of parts.factories) {
    if (name === planFunction(factory.id)) return invokePlan(parts, factory, event);
    if (name === applyFunction(factory.id)) return invokeApply(parts, factory, recordsIn(event));
  }
  const all = [...Object.keys(shared), ...parts.factories.flatMap(({ id }) => [planFunction(id), applyFunction(id)])];
  throw new ConfigurationInvalid([`there is no function ${name}; there is ${all.join(', ')}`]);
}

async function invokePlan(parts: LocalFunctionParts, factory: ConnectorFactory, event: unknown): Promise<Invoked> {
  const { plane, queue, starts } = planeOf(parts, factory);
  const answer = await planOnTrigger(plane, event, lifeOf(parts.clock));
  const afterwards: Invoked['afterwards'][number][] = [];
  for (let started = 0; started < startsMax; started += 1) {
    const trigger = starts.shift();
    if (trigger === undefined) break;
    afterwards.push({ name: planFunction(factory.id), answer: await planOnTrigger(plane, trigger, lifeOf(parts.clock)) });
  }
  return { answer, afterwards: [...afterwards, ...(await workedOff(parts, plane, queue))] };
}

async function invokeApply(parts: LocalFunctionParts, factory: ConnectorFactory, records: readonly QueueRecord[]): Promise<Invoked> {
  const { plane, queue } = planeOf(parts, factory);
  const answer = await applyBatch(plane, records, lifeOf(parts.clock));
  return { answer, afterwards: await workedOff(parts, plane, queue) };
}

/** Until the queue shows nothing more; what is to come later stands on the links, and the next run finds it. */
async function workedOff({ clock }: LocalFunctionParts, plane: PlanParts, queue: LocalQueue<AddressedLook>): Promise<Invoked['afterwards']> {
  const made: Invoked['afterwards'][number][] = [];
  for (;;) {
    const received = await queue.receive(10);
    if (received.length === 0) return made;
    const records = received.map(({ message, receipt, receiveCount }): QueueRecord => ({ messageId: receipt, body: JSON.stringify(message), sentAt: clock.now(), receiveCount }));
    made.push({ name: applyFunction(plane.factory.id), answer: await applyBatch(plane, records, lifeOf(clock)) });
    for (const { receipt } of received) await queue.done(receipt);
  }
}

function planeOf({ hub, variables, clock, log, fetch, configFolder, secrets }: LocalFunctionParts, factory: ConnectorFactory) {
  const { table, digestKey } = hub.remembered;
  const queue = localQueue<AddressedLook>({ clock, visibilityMs: leaseMs });
  const starts: RunTrigger[] = [];
  const values = Object.fromEntries(Object.entries({ ...variables, [digestKeyName]: digestKey }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  const plane: PlanParts = {
    factory, table, queue, clock, log, fetch, configFolder,
    secret: async () => ({ values, version: 'as given' }),
    secrets: secrets && withValues(secrets, values),
    secretId: factory.id,
    startAgain: async (trigger) => void starts.push(trigger),
    rhythms: [], // who is late is for the cloud to know, where nobody looks
    metrics: { tell: (metric, value, facts) => log.debug({ metric, value, ...facts }, 'metric') },
  };
  return { plane, queue, starts };
}

/** As in the cloud, where all of a connector's variables stand in its secret. */
function withValues(secrets: SecretStore, values: Readonly<Record<string, string>>): SecretStore {
  return {
    ...secrets,
    read: async (name) => {
      const stored = await secrets.read(name);
      return { ...stored, values: { ...values, ...stored.values } };
    },
  };
}

function lifeOf(clock: Clock): Life {
  const endsAt = clock.now() + limitMs;
  return { worker: `invoked:${randomUUID()}`, remainingMs: () => endsAt - clock.now() };
}

async function httpAnswer({ hub, host, clock, log, variables }: LocalFunctionParts, event: unknown): Promise<unknown> {
  if (!isHttpEvent(event)) throw new ConfigurationInvalid(['this is no event of the HTTP API, payload version 2.0; events/ has samples']);
  return localApi({ hub, host, clock, log, variables })(requestOf(event));
}

function isHttpEvent(event: unknown): event is APIGatewayProxyEventV2 {
  const { version, rawPath, headers, requestContext } = fieldsOf(event);
  return version === '2.0' && typeof rawPath === 'string' && typeof headers === 'object' && typeof fieldsOf(requestContext)['http'] === 'object';
}
