/** The SQS adapter keeps the queue contract against an emulator in this process, and what only SQS can do to it. */
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { startFauxqs, type FauxqsServer } from 'fauxqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { StoreUnavailable } from '../../shared/base/errors.ts';
import type { Json } from '../../shared/base/table.ts';
import { sqsClient, sqsQueue } from '../../shared/stores/sqs-queue.ts';
import { describeQueueContract } from '../contracts/queue.ts';

const visibilityMs = 30_000;
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
let server: FauxqsServer;
let client: SQSClient;
let queues = 0;

beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  client = sqsClient({ endpoint: `http://127.0.0.1:${server.port}`, region: 'us-east-1', credentials });
});

afterAll(async () => {
  client.destroy();
  await server.stop();
});

beforeEach(() => {
  // The emulator asks Date alone what time it is; timers stay real.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 23, 9) });
});

afterEach(() => {
  vi.useRealTimers();
});

async function aQueue() {
  queues += 1;
  const make = async (QueueName: string, Attributes: Record<string, string>) => (await client.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? '';
  const deadUrl = await make(`dead-${queues}`, {});
  const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: deadUrl, AttributeNames: ['QueueArn'] }));
  const url = await make(`queue-${queues}`, {
    VisibilityTimeout: String(visibilityMs / 1000),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: Attributes?.['QueueArn'], maxReceiveCount: 3 }),
  });
  return { url, deadUrl };
}

describeQueueContract('SQS', async () => {
  const { url, deadUrl } = await aQueue();
  return {
    queue: sqsQueue<Json>({ client, url, clock: manualClock() }),
    visibilityMs,
    advance: (ms) => void vi.setSystemTime(Date.now() + ms),
    deadLetters: async () => {
      const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: deadUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }));
      return Messages.map(({ Body = '' }): Json => JSON.parse(Body));
    },
  };
});

/** The emulator's client, whose first batches are taken in part. */
function refusing(times: number, Code: string, SenderFault: boolean): { readonly client: SQSClient; readonly sent: () => number } {
  let sent = 0;
  const send = async (command: Parameters<SQSClient['send']>[0]) => {
    if (!(command instanceof SendMessageBatchCommand)) return client.send(command);
    sent += 1;
    if (sent > times) return client.send(command);
    const [first, ...rest] = command.input.Entries ?? [];
    const answer = rest.length === 0 ? {} : await client.send(new SendMessageBatchCommand({ ...command.input, Entries: rest }));
    return { ...answer, Failed: [{ Id: first?.Id, Code, SenderFault }] };
  };
  return { client: Object.assign(Object.create(client), { send }), sent: () => sent };
}

describe('a batch that is taken in part', () => {
  test('is completed: every message arrives once', async () => {
    const { url } = await aQueue();
    const slow = refusing(2, 'InternalError', false);

    await sqsQueue<Json>({ client: slow.client, url, clock: manualClock() }).send(['a', 'b', 'c']);

    const received = await sqsQueue<Json>({ client, url, clock: manualClock() }).receive(10);
    expect(new Set(received.map(({ message }) => message))).toEqual(new Set(['a', 'b', 'c']));
    expect(received).toHaveLength(3);
    expect(slow.sent()).toBe(3);
  });

  test('and never wholly is told as a queue that cannot be used', async () => {
    const { url } = await aQueue();
    const slow = refusing(Infinity, 'InternalError', false);

    await expect(sqsQueue<Json>({ client: slow.client, url, clock: manualClock() }).send(['a'])).rejects.toThrow(StoreUnavailable);
  });

  test('for a fault of ours is a bug, at once', async () => {
    const { url } = await aQueue();
    const strict = refusing(Infinity, 'InvalidMessageContents', true);

    await expect(sqsQueue<Json>({ client: strict.client, url, clock: manualClock() }).send(['a'])).rejects.toThrow('the queue refuses a message: InvalidMessageContents');
    expect(strict.sent()).toBe(1);
  });
});

test('large messages are spread over as many requests as they need', async () => {
  const { url } = await aQueue();
  const counted = refusing(0, '', false);
  const queue = sqsQueue<Json>({ client: counted.client, url, clock: manualClock() });

  await queue.send(Array.from({ length: 5 }, (_, at) => `${at}${'x'.repeat(100 * 1024)}`));

  const received = [...(await queue.receive(10)), ...(await queue.receive(10))];
  expect(received).toHaveLength(5);
  expect(counted.sent()).toBe(3);
});

test('a queue URL that names another host never gets the call', async () => {
  const { url } = await aQueue();
  const elsewhere = new URL(url);
  elsewhere.host = '127.0.0.1:1'; // nobody is there
  // With an endpoint of its own the client never looks at the URL's host: only one from the environment shows the difference.
  vi.stubEnv('AWS_ENDPOINT_URL_SQS', `http://127.0.0.1:${server.port}`);
  const fromEnvironment = sqsClient({ region: 'us-east-1', credentials, maxAttempts: 1 });
  onTestFinished(() => {
    fromEnvironment.destroy();
    vi.unstubAllEnvs();
  });

  await sqsQueue<Json>({ client: fromEnvironment, url: elsewhere.href, clock: manualClock() }).send(['hint']);

  expect(await sqsQueue<Json>({ client, url, clock: manualClock() }).receive(1)).toMatchObject([{ message: 'hint' }]);
});

test('characters that SQS does not carry come through', async () => {
  const { url } = await aQueue();
  const queue = sqsQueue<Json>({ client, url, clock: manualClock() });
  const keys = ['\uFFFE', '\uFFFF', '\u{1F600}', '\u{10FFFF}', 'plain'];

  await queue.send([{ keys }]);

  expect(await queue.receive(1)).toMatchObject([{ message: { keys } }]);
});

test('a message that is no JSON is handed to nobody and holds nobody up', async () => {
  const { url } = await aQueue();
  await client.send(new SendMessageBatchCommand({ QueueUrl: url, Entries: [{ Id: '0', MessageBody: 'no JSON' }, { Id: '1', MessageBody: '"hint"' }] }));

  const received = await sqsQueue<Json>({ client, url, clock: manualClock() }).receive(10);

  expect(received).toMatchObject([{ message: 'hint' }]);
});

test('a queue that is not there says what to do', async () => {
  const queue = sqsQueue<Json>({ client, url: `http://127.0.0.1:${server.port}/000000000000/nowhere`, clock: manualClock() });

  await expect(queue.send(['hint'])).rejects.toThrow(/queue nowhere: does not exist; deploy the stack/);
});
