import { expect, test } from 'vitest';
import { answerHttp, type HttpFacts } from '../../shared/hub/http-answers.ts';
import { serveLocally } from '../../shared/hub/http-local.ts';
import type { ConnectorStatus } from '../../shared/hub/status.ts';

const standing = (state: ConnectorStatus['state']): ConnectorStatus => ({ connector: 'a-b', title: 'A and B', configured: true, state, runsAgain: false, open: {}, heldPlans: [] });
const facts = (state: ConnectorStatus['state'] = 'ok'): HttpFacts => ({ token: 'the-token', status: async () => [standing(state)] });
const ask = (path: string, more: { method?: string; authorization?: string } = {}) => ({ method: 'GET', authorization: undefined, requestId: 'r-1', path, ...more });

test('health is public and tells only whether a person is needed', async () => {
  expect(JSON.parse((await answerHttp(facts('ok'), ask('/health'))).body)).toEqual({ status: 'ok' });
  expect(JSON.parse((await answerHttp(facts('held'), ask('/health'))).body)).toEqual({ status: 'attention' });
});

test.each([
  ['no token', undefined],
  ['a wrong token', 'Bearer the-other'],
  ['another scheme', 'Basic the-token'],
  ['the token and more', 'Bearer the-token2'],
])('status is refused with %s', async (_what, authorization) => {
  const answer = await answerHttp(facts(), ask('/api/sync/status', authorization === undefined ? {} : { authorization }));

  expect(answer).toMatchObject({ status: 401, headers: { 'content-type': 'application/problem+json; charset=utf-8', 'x-request-id': 'r-1' } });
  expect(JSON.parse(answer.body)).toMatchObject({ status: 401, instance: 'urn:request:r-1' });
});

test('status with the token tells every connector', async () => {
  const answer = await answerHttp(facts(), ask('/api/sync/status', { authorization: 'Bearer the-token' }));

  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.body)).toMatchObject({ connectors: [{ connector: 'a-b', state: 'ok' }] });
});

test('unknown routes, other methods and trouble inside are problems without details', async () => {
  const broken: HttpFacts = { token: 'the-token', status: () => Promise.reject(new Error('secret path')) };

  const answers = await Promise.all([answerHttp(facts(), ask('/api')), answerHttp(facts(), ask('/health', { method: 'POST' })), answerHttp(broken, ask('/health'))]);

  expect(answers.map(({ status }) => status)).toEqual([404, 405, 500]);
  expect(answers.map(({ body }) => body).join('')).not.toContain('secret');
});

test('a taken port moves it to the next one, and a name that is not ours gets no access', async () => {
  const first = await serveLocally(facts(), 0);
  const second = await serveLocally(facts(), first.port);

  const answer = await fetch(`${second.url}/health`);
  await Promise.all([first.close(), second.close()]);

  expect(second.port).not.toBe(first.port);
  expect(await answer.json()).toEqual({ status: 'ok' });
});
