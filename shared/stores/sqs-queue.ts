/**
 * The queue port on an SQS standard queue. How long a received message stays hidden, after how many hand-outs it is set aside and where, is
 * said where the queue is made (infra/queues.ts). Bounds: SQS' developer guide, confirmed (10 messages and 256 KB a request, which AWS has
 * raised since; the smaller one holds everywhere).
 */
import {
  ChangeMessageVisibilityCommand, DeleteMessageCommand, ReceiveMessageCommand, SendMessageBatchCommand, SQSClient, type SendMessageBatchRequestEntry, type SQSClientConfig,
} from '@aws-sdk/client-sqs';
import type { Clock } from '../base/clock.ts';
import { groupsWithin } from '../base/groups.ts';
import type { Json } from '../base/table.ts';
import type { Queue, Received } from '../engine/queue.ts';
import { sayingWhatToDoOnAws } from './aws-trouble.ts';

export interface SqsQueueDeps {
  /** Made by `sqsClient`. */
  readonly client: SQSClient;
  readonly url: string;
  readonly clock: Clock;
}

const delayMsMax = 900_000;
const hiddenMsMax = 43_200_000;
const entriesMax = 10;
const bytesMax = 256 * 1024;
const roundsMax = 5;
const pauseMs = 100; // doubled for each further round

/** Without the flag the client calls whatever host the queue's URL names, and a test's would be real AWS. */
export function sqsClient(config: SQSClientConfig = {}): SQSClient {
  return new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
}

/** @throws StoreUnavailable from every method: throttled for long, not allowed, missing, or no answer. */
export function sqsQueue<M extends Json>({ client, url, clock }: SqsQueueDeps): Queue<M> {
  const doing = <T>(work: () => Promise<T>): Promise<T> => sayingWhatToDoOnAws(`queue ${url.split('/').at(-1) ?? ''}`, work);

  return {
    send: async (messages, options = {}) => {
      const DelaySeconds = secondsOf('delayMs', options.delayMs ?? 0, delayMsMax);
      const batches = groupsWithin(messages.map(checkedText), (text) => Buffer.byteLength(text), { countMax: entriesMax, sizeMax: bytesMax }); // all are measured before the first is sent
      await doing(async () => {
        for (const batch of batches) await sendBatch(client, url, clock, batch.map((MessageBody, at) => ({ Id: String(at), MessageBody, DelaySeconds })));
      });
    },
    receive: async (max) => {
      if (!Number.isSafeInteger(max) || max < 1 || max > entriesMax) throw new RangeError(`${max} messages cannot be received at once, 1 to 10 can`);
      return doing(async () => {
        const { Messages: messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: max, MessageSystemAttributeNames: ['ApproximateReceiveCount'] }));
        return messages.filter(({ Body = '' }) => isJson(Body)).map(({ Body = '', ReceiptHandle: receipt = '', Attributes }): Received<M> => {
          const message: M = JSON.parse(Body);
          return { message, receipt, receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1) };
        });
      });
    },
    done: (receipt) => doing(() => ignoringStale(client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt })))),
    later: async (receipt, delayMs) => {
      const VisibilityTimeout = secondsOf('delayMs', delayMs, hiddenMsMax);
      await doing(() => ignoringStale(client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: receipt, VisibilityTimeout }))));
    },
  };
}

/** What is no JSON is none of ours: it stays hidden, and the queue sets it aside in the end. Its text is shown nowhere. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function checkedText(message: Json): string {
  // SQS takes what XML takes: U+FFFE and U+FFFF are refused there, and halves of pairs are safer written out too.
  const text = JSON.stringify(message).replaceAll(/[\uD800-\uDFFF\uFFFE\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`);
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax) throw new RangeError(`a message of ${bytes} bytes, at most ${bytesMax} can be sent`);
  return text;
}

/** Whole seconds, never earlier than asked. */
function secondsOf(name: string, ms: number, max: number): number {
  if (!(ms >= 0 && ms <= max)) throw new RangeError(`${name} is ${ms}, it has to be 0 to ${max}`);
  return Math.ceil(ms / 1000);
}

/** A batch can be taken in part: the rest goes again. A message that goes twice does no harm, it is a hint. */
async function sendBatch(client: SQSClient, url: string, clock: Clock, entries: readonly SendMessageBatchRequestEntry[]): Promise<void> {
  let left = entries;
  for (let round = 1; ; round += 1) {
    const { Failed: failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: [...left] }));
    if (failed.length === 0) return;
    const ours = failed.find(({ SenderFault }) => SenderFault === true);
    if (ours !== undefined) throw new Error(`the queue refuses a message: ${ours.Code}`);
    if (round === roundsMax) throw Object.assign(new Error('messages stay unsent'), { name: 'ServiceUnavailable' });
    const ids = new Set(failed.map(({ Id }) => Id));
    left = left.filter(({ Id }) => ids.has(Id));
    await clock.sleep(pauseMs * 2 ** round);
  }
}

const stale = new Set(['ReceiptHandleIsInvalid', 'MessageNotInflight', 'InvalidParameterValue', 'InvalidParameterValueException']);

/** The message is somebody else's by now, or gone. */
async function ignoringStale(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error) || !stale.has(error.name)) throw error;
  }
}
