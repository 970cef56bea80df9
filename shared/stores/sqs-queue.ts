/**
 * The queue port on an SQS standard queue. Visibility time, retention and the dead letter queue are the queue's own settings.
 * Limits (SQS documentation, confirmed): 10 entries a batch, whole seconds of delay. A message and a batch of 256 KB: the service has
 * come to allow more, but both adapters of the port promise the same.
 */
import {
  ChangeMessageVisibilityCommand, DeleteMessageCommand, ReceiveMessageCommand, SendMessageBatchCommand, SQSClient,
} from '@aws-sdk/client-sqs';
import type { BatchResultErrorEntry, Message, SQSClientConfig } from '@aws-sdk/client-sqs';
import { StoreUnavailable } from '../base/errors.ts';
import type { Json } from '../base/table.ts';
import type { Queue, Received } from '../engine/queue.ts';
import { faultOf, sayingWhatAwsSaid } from './aws-trouble.ts';

export interface SqsQueueSettings<M extends Json> {
  /** Made by `sqsClient`. */
  readonly client: SQSClient;
  readonly url: string;
  /** Throws for what is no message of ours. */
  readonly parse: (value: unknown) => M;
  /** Hears of a message that could not be read. It stays hidden, comes again, and is set aside by the queue itself. */
  readonly onUnreadable?: ((error: unknown) => void) | undefined;
  /** How long `receive` waits for a first message, 0 to 20 000 ms; default 0. */
  readonly waitMs?: number | undefined;
}

const delayMsMax = 900_000;
const hiddenMsMax = 43_200_000;
const waitMsMax = 20_000;
const bytesMax = 256 * 1024;
const batchMax = 10;
const triesMax = 3; // of entries that SQS failed by itself; whole requests are tried again by the SDK

/** A client that calls its own endpoint only: by default the SDK would call whatever host a queue's URL names. */
export function sqsClient(settings: SQSClientConfig): SQSClient {
  return new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
}

/** @throws StoreUnavailable from every method when SQS refuses or cannot be reached. */
export function sqsQueue<M extends Json>(settings: SqsQueueSettings<M>): Queue<M> {
  const { client, url, parse, onUnreadable, waitMs = 0 } = settings;
  checkMs('waitMs', waitMs, waitMsMax);
  const doing = <T>(work: () => Promise<T>): Promise<T> => sayingWhatAwsSaid(url, work);

  return {
    send: async (messages, options = {}) => {
      const delaySeconds = secondsOf(checkMs('delayMs', options.delayMs ?? 0, delayMsMax));
      for (const batch of batchesOf(messages.map(checkedText))) {
        await doing(() => sendBatch(client, { url, texts: batch, delaySeconds }));
      }
    },
    receive: async (max) => {
      if (!Number.isSafeInteger(max) || max < 1 || max > 10) throw new RangeError(`${max} messages cannot be received at once, 1 to 10 can`);
      const { Messages = [] } = await doing(() => client.send(new ReceiveMessageCommand({
        QueueUrl: url, MaxNumberOfMessages: max, WaitTimeSeconds: secondsOf(waitMs), MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      })));
      return Messages.flatMap((message) => received(message, parse, onUnreadable));
    },
    done: (receipt) => doing(() => ignoringStale(() => client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receipt })))),
    later: async (receipt, delayMs) => {
      const seconds = secondsOf(checkMs('delayMs', delayMs, hiddenMsMax));
      const change = new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: receipt, VisibilityTimeout: seconds });
      await doing(() => ignoringStale(() => client.send(change)));
    },
  };
}

/** Only the entries that failed are sent again: SQS answers 200 for a batch of which some are not in the queue. */
async function sendBatch(client: SQSClient, ask: { url: string; texts: readonly string[]; delaySeconds: number }): Promise<void> {
  let left = ask.texts.map((text, at) => ({ Id: String(at), MessageBody: text, DelaySeconds: ask.delaySeconds }));
  let failed: readonly BatchResultErrorEntry[] = [];
  for (let tries = 0; tries < triesMax; tries += 1) {
    const answer = await client.send(new SendMessageBatchCommand({ QueueUrl: ask.url, Entries: left }));
    failed = answer.Failed ?? [];
    if (failed.length === 0) return;
    if (failed.some((entry) => entry.SenderFault === true)) break;
    const ids = new Set(failed.map((entry) => entry.Id));
    left = left.filter((entry) => ids.has(entry.Id));
  }
  const codes = [...new Set(failed.map((entry) => entry.Code ?? 'no code'))].join(', ');
  throw new StoreUnavailable({ store: ask.url, problem: `did not take ${failed.length} messages (${codes})`, advice: 'what they point at is found again from the table' });
}

function batchesOf(texts: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let bytes = 0;
  for (const text of texts) {
    const last = batches.at(-1);
    const size = Buffer.byteLength(text);
    if (last === undefined || last.length === batchMax || bytes + size > bytesMax) {
      batches.push([text]);
      bytes = size;
    } else {
      last.push(text);
      bytes += size;
    }
  }
  return batches;
}

function received<M extends Json>(message: Message, parse: (value: unknown) => M, onUnreadable?: (error: unknown) => void): readonly Received<M>[] {
  try {
    const { Body = '', ReceiptHandle = '', Attributes = {} } = message;
    return [{ message: parse(JSON.parse(Body)), receipt: ReceiptHandle, receiveCount: Number(Attributes.ApproximateReceiveCount) }];
  } catch (error) {
    onUnreadable?.(error); // one message that nobody can read must not keep back the nine beside it
    return [];
  }
}

// InvalidParameterValue: SQS says so of a receipt whose message is gone (documented for a visibility that can no longer change).
const staleFaults = new Set(['MessageNotInflight', 'ReceiptHandleIsInvalid', 'InvalidParameterValue']);

async function ignoringStale(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!staleFaults.has(faultOf(error) ?? '')) throw error;
  }
}

/**
 * SQS takes no U+FFFE and U+FFFF; JSON can spell them, as it does with control characters by itself. Characters beyond the first plane
 * are spelled too: SQS would take them, an emulator that looks at halves of them does not.
 */
function checkedText(message: Json): string {
  const text = JSON.stringify(message).replaceAll(/[\uD800-\uDFFF\uFFFE\uFFFF]/g, (half) => String.raw`\u${half.charCodeAt(0).toString(16)}`);
  const bytes = Buffer.byteLength(text);
  if (bytes > bytesMax) throw new RangeError(`a message of ${bytes} bytes is over the limit of ${bytesMax}`);
  return text;
}

function checkMs(name: string, ms: number, max: number): number {
  if (!(ms >= 0 && ms <= max)) throw new RangeError(`${name} is ${ms}, it has to be between 0 and ${max}`);
  return ms;
}

/** Rounded up: later than asked for does no harm, earlier may. */
function secondsOf(ms: number): number {
  return Math.ceil(ms / 1000);
}
