/**
 * What the HTTP side answers, whoever serves it: pure handlers from a request to an answer. Default deny: a route that is not in
 * the table is 404, and only health is open. Errors are `application/problem+json` (RFC 9457) with the request's id.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { ConnectorStatus } from './status.ts';

export interface HttpAsk {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly requestId: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

export interface HttpFacts {
  readonly token: string;
  status(): Promise<readonly ConnectorStatus[]>;
}

interface Route {
  readonly method: string;
  readonly path: string;
  readonly isPublic: boolean;
  readonly answer: (facts: HttpFacts) => Promise<unknown>;
}

const routes: readonly Route[] = [
  { method: 'GET', path: '/health', isPublic: true, answer: async (facts) => ({ status: healthOf(await facts.status()) }) },
  { method: 'GET', path: '/api/sync/status', isPublic: false, answer: async (facts) => ({ connectors: await facts.status() }) },
];

/** Never throws: what goes wrong inside is a 500 without details. */
export async function answerHttp(facts: HttpFacts, ask: HttpAsk): Promise<HttpAnswer> {
  const here = routes.filter(({ path }) => path === ask.path);
  const route = here.find(({ method }) => method === ask.method || (method === 'GET' && ask.method === 'HEAD'));
  if (route === undefined && here.length > 0) return problem(ask, 405, 'Method not allowed', { allow: here.map(({ method }) => method).join(', ') });
  if (route === undefined) return problem(ask, 404, 'Not found');
  if (!route.isPublic && !isToken(ask.authorization, facts.token)) return problem(ask, 401, 'Sign-in needed', { 'www-authenticate': 'Bearer' });
  try {
    return answer(ask, 200, 'application/json', await route.answer(facts));
  } catch {
    return problem(ask, 500, 'Internal error');
  }
}

/** `attention`: something waits for a person. Public, so it says no more. */
function healthOf(all: readonly ConnectorStatus[]): 'ok' | 'attention' {
  return all.some(({ state }) => state === 'attention' || state === 'held' || state === 'paused') ? 'attention' : 'ok';
}

function isToken(authorization: string | undefined, token: string): boolean {
  const [, sent] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
  // Digests have one length, so that the comparison tells nothing by the time it takes.
  return sent !== undefined && timingSafeEqual(hash('sha256', sent, 'buffer'), hash('sha256', token, 'buffer'));
}

function problem(ask: HttpAsk, status: number, title: string, headers: { readonly [name: string]: string } = {}): HttpAnswer {
  return answer(ask, status, 'application/problem+json', { type: 'about:blank', title, status, instance: `urn:request:${ask.requestId}` }, headers);
}

function answer(ask: HttpAsk, status: number, type: string, body: unknown, headers: { readonly [name: string]: string } = {}): HttpAnswer {
  return {
    status,
    headers: { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-request-id': ask.requestId, ...headers },
    body: ask.method === 'HEAD' ? '' : `${JSON.stringify(body)}\n`,
  };
}
