/** The HTTP side of a hub with sample systems, asked in this process: through the handlers themselves, node:http or Lambda's events. */
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { manualClock, type Clock } from '../../../shared/base/clock.ts';
import { readConfig } from '../../../shared/base/config.ts';
import { silentLog, type Log } from '../../../shared/base/log.ts';
import { apiHandler } from '../../../shared/hub/api/lambda.ts';
import { localApi, localSecrets } from '../../../shared/hub/api/local-api.ts';
import type { Answering } from '../../../shared/hub/api/request.ts';
import type { Role } from '../../../shared/hub/api/route.ts';
import { signToken } from '../../../shared/hub/api/sign-in.ts';
import { localHub } from '../../../shared/hub/local.ts';
import { localHost, type LocalHost } from '../../../shared/hub/local-host.ts';
import { sampleWorld } from '../../../shared/hub/sample.ts';

export interface Sent {
  readonly authorization?: string | undefined;
  readonly headers?: { readonly [name: string]: string };
  /** Sent as JSON; a text is sent as it is. */
  readonly body?: unknown;
}

export interface Got {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  /** Parsed. */
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any
}

/** Sends one request, `GET /health` for example, and reads the answer. */
export type Asking = (line: string, sent?: Sent) => Promise<Got>;

/** Waits for ever: nobody loses patience in a test, unless it is about that. */
const patient = (clock: Clock): Clock => ({
  now: () => clock.now(),
  sleep: (_ms, signal) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted')))),
});

export interface ServedOptions {
  readonly env?: { readonly [name: string]: string };
  readonly log?: Log;
  readonly wrapHost?: (host: LocalHost) => LocalHost;
  readonly waits?: Clock;
}

export function servedHub({ env = {}, log = silentLog, wrapHost = (host) => host, waits }: ServedOptions = {}) {
  const clock = manualClock();
  const world = sampleWorld(clock);
  const config = readConfig({ env: { ...world.variables, CONCORD_STATE: ':memory:', ...env } });
  const hub = localHub({ config, clock, fetch: world.fetch, log });
  const host = wrapHost(localHost({ hub, clock: waits ?? patient(clock), log }));
  const answering = localApi({ hub, host, clock, log, variables: config.variables });
  const { jwtSecret } = localSecrets(hub, config.variables);
  const token = async (...roles: readonly Role[]): Promise<string> => `Bearer ${await signToken(jwtSecret, { roles, name: 'ada', nowMs: clock.now(), forMs: 3_600_000 })}`;
  return { clock, world, hub, host, answering, jwtSecret, token, ask: askingHandlers(answering), close: () => hub.close() };
}

const bytesOf = (body: unknown): Buffer => (body === undefined ? Buffer.alloc(0) : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

function headersOf({ authorization, headers, body }: Sent): { readonly [name: string]: string } {
  return { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...(authorization === undefined ? {} : { authorization }), ...headers };
}

const parsed = (text: string): Got['body'] => (text === '' ? undefined : JSON.parse(text));

export function askingHandlers(answering: Answering): Asking {
  return async (line, sent = {}) => {
    const [method = '', address = ''] = line.split(' ');
    const [path = '', query = ''] = address.split('?');
    const bytes = bytesOf(sent.body);
    const isTooLarge = bytes.length > 64 * 1024;
    const { status, headers, body } = await answering({ method, path, query: Object.fromEntries(new URLSearchParams(query)), headers: headersOf(sent), body: isTooLarge ? Buffer.alloc(0) : bytes, isTooLarge, requestId: 'r-1' });
    return { status, headers, body: parsed(body) };
  };
}

export function askingServer(url: string): Asking {
  return async (line, sent = {}) => {
    const [method = '', address = ''] = line.split(' ');
    const answer = await fetch(url + address, { method, headers: headersOf(sent), ...(sent.body === undefined ? {} : { body: bytesOf(sent.body) }) });
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: parsed(await answer.text()) };
  };
}

/** As API Gateway hands it over: payload version 2. */
export function gatewayEvent(line: string, sent: Sent = {}, base64 = false): APIGatewayProxyEventV2 {
  const [method = '', address = ''] = line.split(' ');
  const [path = '', query = ''] = address.split('?');
  const bytes = bytesOf(sent.body);
  const http = { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' };
  return {
    version: '2.0', routeKey: '$default', rawPath: path, rawQueryString: query, headers: headersOf(sent), isBase64Encoded: base64,
    ...(query === '' ? {} : { queryStringParameters: Object.fromEntries(new URLSearchParams(query)) }),
    ...(sent.body === undefined ? {} : { body: bytes.toString(base64 ? 'base64' : 'utf8') }),
    requestContext: { accountId: '000000000000', apiId: 'api', domainName: 'api.example.org', domainPrefix: 'api', http, requestId: 'r-1', routeKey: '$default', stage: '$default', time: '', timeEpoch: 0 },
  };
}

export function askingLambda(answering: Answering, base64 = false): Asking {
  const handler = apiHandler(answering);
  return async (line, sent = {}) => {
    const context: Context = { callbackWaitsForEmptyEventLoop: false, functionName: 'api', functionVersion: '1', invokedFunctionArn: '', memoryLimitInMB: '256', awsRequestId: 'r-1', logGroupName: '', logStreamName: '', getRemainingTimeInMillis: () => 10_000, done: () => {}, fail: () => {}, succeed: () => {} };
    const result = await handler(gatewayEvent(line, sent, base64), context);
    return { status: result.statusCode ?? 0, headers: Object.fromEntries(Object.entries(result.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)])), body: parsed(result.body ?? '') };
  };
}
