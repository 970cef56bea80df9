/** Calls to our own functions: the same request as the SDK's own client for Lambda makes, and what becomes of answers. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { StoreUnavailable } from '../../shared/base/errors.ts';
import { FunctionFailed, lambdaInvoker } from '../../shared/stores/lambda-invoker.ts';

const credentials = { accessKeyId: 'an invented id', secretAccessKey: 'an invented key', sessionToken: 'an invented session' };
const payload = { trigger: 'again', connector: 'directus-nextcloud' };

interface Sent {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

function invokerOver(...answers: readonly (Response | Error)[]) {
  const sent: Sent[] = [];
  const clock = manualClock();
  const fetcher: typeof fetch = async (input, init) => {
    const request = new Request(input, { ...init, signal: null });
    sent.push({ url: request.url, headers: Object.fromEntries(request.headers), body: await request.text() });
    init?.signal?.throwIfAborted();
    const answer = answers[Math.min(sent.length, answers.length) - 1];
    if (answer === undefined || answer instanceof Error) throw answer ?? new TypeError('fetch failed');
    return answer.clone();
  };
  return { sent, clock, invoker: lambdaInvoker({ fetch: fetcher, clock, region: 'eu-central-1', credentials }) };
}

/** What the SDK's client would send at that time. */
async function asTheSdkSends(nowMs: number): Promise<Sent> {
  let sent: Sent | undefined;
  const client = new LambdaClient({
    region: 'eu-central-1', credentials, systemClockOffset: nowMs - Date.now(),
    requestHandler: { handle: async (request: { hostname: string; path: string; headers: Sent['headers']; body: Uint8Array }) => {
      sent = { url: `https://${request.hostname}${request.path}`, headers: request.headers, body: Buffer.from(request.body).toString() };
      throw new Error('enough was seen');
    } },
  });
  await client.send(new InvokeCommand({ FunctionName: 'concord-test-plan', InvocationType: 'Event', Payload: JSON.stringify(payload) })).catch(() => {});
  if (sent === undefined) throw new Error('the SDK sent nothing');
  return sent;
}

test('the request is the one that the SDK sends: address, body and invocation type', async () => {
  const { invoker, sent, clock } = invokerOver(new Response(null, { status: 202 }));

  await invoker.start('concord-test-plan', payload);

  const sdk = await asTheSdkSends(clock.now());
  const [ours] = sent;
  expect(ours?.url).toBe(sdk.url);
  expect(ours?.body).toBe(sdk.body);
  expect(ours?.headers['x-amz-invocation-type']).toBe(sdk.headers['X-Amz-Invocation-Type'] ?? sdk.headers['x-amz-invocation-type']);
  expect(ours?.headers['authorization']).toMatch(/^AWS4-HMAC-SHA256 Credential=an invented id\/20261123\/eu-central-1\/lambda\/aws4_request, SignedHeaders=content-type;host;.*x-amz-security-token, Signature=[0-9a-f]{64}$/);
});

test('an answer comes back as data', async () => {
  const { invoker } = invokerOver(Response.json({ kind: 'running' }));

  expect(await invoker.ask('concord-test-plan', payload, new AbortController().signal)).toEqual({ kind: 'running' });
});

test('a function that threw is told apart from one that cannot be reached', async () => {
  const threw = invokerOver(Response.json({ errorType: 'RunFailed' }, { headers: { 'x-amz-function-error': 'Unhandled' } }));
  const forbidden = invokerOver(new Response('{}', { status: 403 }));

  await expect(threw.invoker.ask('concord-test-plan', payload, new AbortController().signal)).rejects.toThrow(FunctionFailed);
  await expect(forbidden.invoker.start('concord-test-plan', payload)).rejects.toThrow(StoreUnavailable);
  expect(forbidden.sent).toHaveLength(1);
});

test('a busy or broken door is tried three times', async () => {
  const later = invokerOver(new Response('{}', { status: 429 }), new TypeError('fetch failed'), new Response(null, { status: 202 }));
  const never = invokerOver(new Response('{}', { status: 500 }));

  await later.invoker.start('concord-test-plan', payload);

  await expect(never.invoker.start('concord-test-plan', payload)).rejects.toThrow('it answers 500');
  expect([later.sent.length, never.sent.length]).toEqual([3, 3]);
});

test('a call that somebody waits for is made once, because it may have begun', async () => {
  const { invoker, sent } = invokerOver(new TypeError('fetch failed'));

  await expect(invoker.ask('concord-test-plan', payload, new AbortController().signal)).rejects.toThrow('it cannot be reached');

  expect(sent).toHaveLength(1);
});

test('who stops waiting gets the reason, and the call is not repeated', async () => {
  const { invoker, sent } = invokerOver(new TypeError('fetch failed'));

  const asked = invoker.ask('concord-test-plan', payload, AbortSignal.abort(new Error('long enough')));

  await expect(asked).rejects.toThrow('long enough');
  expect(sent).toHaveLength(1);
});
