/**
 * The queues: one for each connector between planning and applying, and one for what gave up, of all of them. Standard queues, because a
 * message is only a hint: order and copies do not matter.
 */
import { Duration, type Stack } from 'aws-cdk-lib';
import { EventSourceMapping, type Function } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption, type IQueue } from 'aws-cdk-lib/aws-sqs';
import { deadLetterQueueName, queueName } from '../shared/base/names.ts';
import { receiveFrom } from './grants.ts';

/** SQS wants six times the function's time limit: a message must not show again while somebody works on it. */
const visibilityOf = (timeout: Duration): Duration => Duration.seconds(6 * timeout.toSeconds());
const maxReceiveCount = 5;

export function deadLetterQueue(stack: Stack, stage: string, timeout: Duration): Queue {
  return new Queue(stack, 'DeadLetters', {
    queueName: deadLetterQueueName(stage),
    retentionPeriod: Duration.days(14),
    visibilityTimeout: visibilityOf(timeout),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
}

export function applyQueue(stack: Stack, id: string, { stage, connector, timeout, deadLetters }: { readonly stage: string; readonly connector: string; readonly timeout: Duration; readonly deadLetters: IQueue }): Queue {
  return new Queue(stack, id, {
    queueName: queueName(stage, connector),
    retentionPeriod: Duration.days(4),
    visibilityTimeout: visibilityOf(timeout),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount },
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
}

/** Hands messages out in batches of ten, and takes back those that the function names. */
export function feed(stack: Stack, id: string, { queue, worker, maxConcurrency }: { readonly queue: IQueue; readonly worker: Function; readonly maxConcurrency: number }): EventSourceMapping {
  worker.addToRolePolicy(receiveFrom(queue));
  const mapping = new EventSourceMapping(stack, id, { target: worker, eventSourceArn: queue.queueArn, batchSize: 10, reportBatchItemFailures: true, maxConcurrency });
  if (worker.role) mapping.node.addDependency(worker.role); // Lambda looks at the permission when the mapping is made
  return mapping;
}
