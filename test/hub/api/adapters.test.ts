/** The same requests through node:http and through Lambda's events get the same answers. */
import { request as httpRequest } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { requestOf } from '../../../shared/hub/api/lambda.ts';
import { serveLocally } from '../../../shared/hub/http-local.ts';
import { askingLambda, askingServer, gatewayEvent, servedHub, type Asking, type Sent } from './served.ts';

const id = 'directus-nextcloud';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function bySide() {
  const hub = servedHub();
  const http = await serveLocally(hub.answering, 0);
  cleanups.push(() => hub.close(), () => http.close());
  const sides: readonly (readonly [string, Asking])[] = [['node:http', askingServer(http.url)], ['Lambda', askingLambda(hub.answering)], ['Lambda, body in base64', askingLambda(hub.answering, true)]];
  return { ...hub, http, sides };
}

test('every adapter gives the same answer to the same request', async () => {
  const { sides, token } = await bySide();
  const authorization = await token('admin');
  const requests: readonly (readonly [string, Sent])[] = [
    ['GET /health', {}], ['HEAD /health', {}], ['POST /health', {}], ['GET /nothing', {}], ['GET /api/sync/status', {}], ['GET /api/sync/status', { authorization }],
    [`GET /api/sync/runs?connector=${id}&limit=2`, { authorization }], ['GET /api/sync/runs?limit=many', { authorization }], ['GET /api/sync/explain/directus-nextcloud/a%2Fb', { authorization }],
    [`POST /api/sync/${id}/resume`, { authorization }],
    [`POST /api/sync/${id}/pause`, { authorization, body: '{"why":' }], [`POST /api/sync/${id}/pause`, { authorization, body: { whey: 1 } }],
    [`POST /api/sync/${id}/pause`, { authorization, body: { why: 'x'.repeat(65 * 1024) } }],
    [`POST /api/sync/${id}/pause`, { authorization, body: 'why', headers: { 'content-type': 'text/plain' } }],
  ];

  for (const [line, sent] of requests) {
    const answers = await Promise.all(sides.map(async ([, ask]) => {
      const { status, headers, body } = await ask(line, sent);
      return { status, type: headers['content-type'], body: body?.instance === undefined ? body : { ...body, instance: 'one' } };
    }));
    const [first] = answers;

    expect({ line, answers }).toEqual({ line, answers: answers.map(() => first) });
  }
});

test('a body arrives as it was sent, whatever the gateway wraps it in', async () => {
  const { sides, token, hub } = await bySide();
  const authorization = await token('data_ops');

  for (const [name, ask] of sides) {
    const paused = await ask(`POST /api/sync/${id}/pause`, { authorization, body: { why: `Umzug, Käsemarkt, ${name}` } });
    const [status] = await hub.status();
    await ask(`POST /api/sync/${id}/resume`, { authorization });

    expect(paused.body).toEqual({ connector: id, paused: true, changed: true });
    expect(status?.paused).toMatchObject({ by: 'ada', why: `Umzug, Käsemarkt, ${name}` });
  }
});

test('a problem and its answer carry the request id, also through the gateway', async () => {
  const { sides } = await bySide();

  for (const [name, ask] of sides) {
    const { status, headers, body } = await ask('GET /api/sync/status');

    expect({ name, status, type: headers['content-type'], signIn: headers['www-authenticate'] }).toEqual({ name, status: 401, type: 'application/problem+json; charset=utf-8', signIn: 'Bearer' });
    expect(body.instance).toBe(`urn:request:${headers['x-request-id']}`);
  }
});

test('what comes through the gateway tells browsers to hold back', async () => {
  const { answering } = await bySide();

  const { headers } = await askingLambda(answering)('GET /health');

  expect(headers).toMatchObject({ 'strict-transport-security': 'max-age=31536000; includeSubDomains', 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
  expect(headers['content-security-policy']).toContain("default-src 'none'");
});

test('a stage in front of the path is none of ours', async () => {
  const { answering } = await bySide();
  const event = gatewayEvent('GET /prod/health');

  const request = requestOf({ ...event, requestContext: { ...event.requestContext, stage: 'prod' } });

  expect(request.path).toBe('/health');
  expect((await answering(request)).status).toBe(200);
});

test('a taken port moves the local server to the next one, and a page under another name has no credentials there', async () => {
  const { http, answering, token } = await bySide();
  const second = await serveLocally(answering, http.port);
  cleanups.push(() => second.close());
  const seen: (string | undefined)[] = [];
  const spied = await serveLocally(async (request) => {
    seen.push(request.headers['authorization']);
    return answering(request);
  }, 0);
  cleanups.push(() => spied.close());
  const authorization = await token('admin');

  const status = await new Promise((resolve) => {
    httpRequest({ host: '127.0.0.1', port: spied.port, path: '/api/sync/status', headers: { host: 'evil.example.org', authorization } }, (answer) => { answer.resume(); resolve(answer.statusCode); }).end();
  });

  expect(second.port).not.toBe(http.port);
  expect(status).toBe(401);
  expect(seen).toEqual([undefined]);
  expect((await askingServer(spied.url)('GET /api/sync/status', { authorization })).status).toBe(200);
});
