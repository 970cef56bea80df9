/** The SQS adapter keeps the queue contract against fauxqs in this process, on a date that the tests move; and what only it can get wrong. */
import { startFauxqs } from 'fauxqs';
import type { FauxqsServer } from 'fauxqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { StoreUnavailable } from '../../shared/base/errors.ts';
import type { Json } from '../../shared/base/table.ts';
import { sqsClient, sqsQueue } from '../../shared/stores/sqs-queue.ts';
import { describeQueueContract } from '../contracts/queue.ts';

const visibilityMs = 30_000;
let server: FauxqsServer;
let made = 0;

beforeAll(async () => {
  server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
});
afterAll(() => server.stop());
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 23, 9) }));
afterEach(() => void vi.useRealTimers());

const clientOf = (port: number) => sqsClient({
  region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, credentials: { accessKeyId: 'test', secretAccessKey: 'test' }, maxAttempts: 1,
});
const anyJson = (value: unknown): Json => JSON.parse(JSON.stringify(value));
const notStrange = (value: unknown): Json => {
  if (value === 'strange') throw new TypeError('strange');
  return anyJson(value);
};

function makeQueue() {
  made += 1;
  const dead = server.createQueue(`dead-${made}`);
  const redrive = JSON.stringify({ deadLetterTargetArn: dead.queueArn, maxReceiveCount: 3 });
  const { queueUrl, queueName } = server.createQueue(`queue-${made}`, { attributes: { VisibilityTimeout: String(visibilityMs / 1000), RedrivePolicy: redrive } });
  const client = clientOf(server.port);
  return { client, url: queueUrl, name: queueName, dead: dead.queueName };
}

describeQueueContract('SQS', () => {
  const { client, url, dead } = makeQueue();
  return {
    queue: sqsQueue<Json>({ client, url, parse: anyJson }),
    visibilityMs,
    advance: (ms) => void vi.setSystemTime(Date.now() + ms),
    deadLetters: () => (server.inspectQueue(dead)?.messages.ready ?? []).map((message): Json => JSON.parse(message.body)),
    close: () => client.destroy(),
  };
});

describe('an SQS queue', () => {
  test('whose URL names another host is still called at the client\'s own endpoint', async () => {
    const { client, name } = makeQueue();
    const hosts: unknown[] = [];
    client.middlewareStack.add((next) => (args) => {
      const { request } = args;
      if (typeof request === 'object' && request !== null && 'hostname' in request) hosts.push(request.hostname);
      return next(args);
    }, { step: 'finalizeRequest', priority: 'low' });
    const url = `https://elsewhere.invalid/000000000000/${name}`;

    await sqsQueue<Json>({ client, url, parse: anyJson }).send(['hint']).catch(() => undefined);

    expect(hosts).toEqual(['127.0.0.1']);
  });

  test('hands out the messages beside one that cannot be read, and tells of that one', async () => {
    const { client, url } = makeQueue();
    const unreadable: unknown[] = [];
    const queue = sqsQueue<Json>({ client, url, parse: notStrange, onUnreadable: (error) => unreadable.push(error) });
    await queue.send(['known', 'strange']);

    const batch = await queue.receive(10);

    expect(batch.map((each) => each.message)).toEqual(['known']);
    expect(unreadable).toMatchObject([{ message: 'strange' }]);
  });

  test('carries the two characters that SQS refuses', async () => {
    const { client, url } = makeQueue();
    const queue = sqsQueue<Json>({ client, url, parse: anyJson });

    await queue.send(['\uFFFE\uFFFF']);

    expect(await queue.receive(1)).toMatchObject([{ message: '\uFFFE\uFFFF' }]);
  });

  test('that is not there says what to do', async () => {
    const { client, url, name } = makeQueue();
    server.deleteQueue(name);

    const sending = sqsQueue<Json>({ client, url, parse: anyJson }).send(['hint']);

    await expect(sending).rejects.toThrow(StoreUnavailable);
    await expect(sending).rejects.toThrow('deploy first');
  });
});
