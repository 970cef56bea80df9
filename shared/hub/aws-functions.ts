/**
 * The doors of the functions that move data: from what the platform hands over to the handlers and back. Whatever is made is made at the
 * first call, so that a wrong environment is an error of that call, with its line in the log.
 */
import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { ownEnvironment } from '../base/config.ts';
import { functionName, metricNamespace, planFunction } from '../base/names.ts';
import { steadyFetch } from '../http/steady-fetch.ts';
import { sqsClient, sqsQueue } from '../stores/sqs-queue.ts';
import { applyBatch, type BatchAnswer } from './aws-apply.ts';
import { recordLetters } from './aws-dead-letters.ts';
import { readAwsEnvironment, readConnectorEnvironment } from './aws-environment.ts';
import { recordsIn } from './aws-events.ts';
import { awsParts, awsSecrets, ownInvoker } from './aws-parts.ts';
import { planOnTrigger, type PlanAnswer } from './aws-plan.ts';
import type { Life, PlaneParts, PlanParts } from './aws-plane.ts';
import type { ConnectorFactory } from './connector-factory.ts';
import { embeddedMetrics } from './metrics.ts';
import { once } from './once.ts';
import type { AddressedLook } from './trigger.ts';

type Handler<Answer> = (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis' | 'awsRequestId'>) => Promise<Answer>;

export function planHandler(factory: ConnectorFactory): Handler<PlanAnswer> {
  const parts = once((): PlanParts => {
    const variables = ownEnvironment();
    const { stage, region, rhythms } = readConnectorEnvironment(variables);
    const plane = planeParts(factory);
    const invoker = ownInvoker({ region, clock: plane.clock, variables });
    return { ...plane, rhythms, startAgain: (trigger) => invoker.start(functionName(stage, planFunction(factory.id)), trigger) };
  });
  return async (event, context) => planOnTrigger(parts(), event, lifeOf(context));
}

export function applyHandler(factory: ConnectorFactory): Handler<BatchAnswer> {
  const parts = once(() => planeParts(factory));
  return async (event, context) => applyBatch(parts(), recordsIn(event), lifeOf(context));
}

export function deadLetterHandler(): Handler<BatchAnswer> {
  const parts = once(() => awsParts(readAwsEnvironment(ownEnvironment())));
  return async (event) => recordLetters(parts(), recordsIn(event));
}

function planeParts(factory: ConnectorFactory): PlaneParts {
  const environment = readConnectorEnvironment(ownEnvironment());
  const { stage, region, queueUrl, secretId } = environment;
  const { table, clock, log, write, keepsSecret } = awsParts(environment);
  const { kept, store } = awsSecrets({ region, clock, keepsSecret });
  return {
    factory, table, clock, log,
    fetch: steadyFetch,
    queue: sqsQueue<AddressedLook>({ client: sqsClient({ region }), url: queueUrl, clock }),
    secret: () => kept(secretId),
    secrets: store,
    secretId,
    metrics: embeddedMetrics({ clock, namespace: metricNamespace(stage), write }),
  };
}

/** Of an invocation: the platform repeats one under the same id, and two of them must not take each other for one. */
const lifeOf = (context: Pick<Context, 'getRemainingTimeInMillis' | 'awsRequestId'>): Life => ({ worker: `${context.awsRequestId}:${randomUUID().slice(0, 8)}`, remainingMs: () => context.getRemainingTimeInMillis() });
