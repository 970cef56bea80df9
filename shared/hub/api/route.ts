/**
 * Routes as data, and the one way in which any of them is served: find it, ask who is there, read the body, answer. Default deny: what
 * is in no table is 404, and a route says who may use it.
 */
import type { Clock } from '../../base/clock.ts';
import { ConcordError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { problemAnswer, RequestRefused } from './problem.ts';
import { bodyBytesMax, jsonAnswer, type Answering, type ApiAnswer, type ApiRequest } from './request.ts';

export const roles = ['admin', 'data_ops', 'viewer'] as const;
export type Role = (typeof roles)[number];

/** `signature`: the handler itself proves who sent it, over the bytes of the body; `state`: by a word that was given out before, good for one use. */
export type Who = 'public' | 'signature' | 'state' | 'signed-in' | readonly Role[];

export interface Caller {
  /** For the rows in which it is remembered who said something; in no log. */
  readonly name: string;
  readonly roles: readonly Role[];
  readonly kind: 'token' | 'key';
}

export interface Call {
  readonly request: ApiRequest;
  /** What stands in the path, decoded. */
  readonly params: { readonly [name: string]: string };
  readonly caller: Caller | undefined;
}

export interface Reply {
  /** Default 200. */
  readonly status?: number | undefined;
  readonly headers?: ApiAnswer['headers'] | undefined;
  readonly body: unknown;
}

/** A zod schema, as far as it is needed here. */
export interface BodyShape<T> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[] } };
}

export interface Route<Plane> {
  readonly method: 'GET' | 'POST';
  /** `{name}` stands for one part of the path, `{name+}` for the rest of it. */
  readonly path: string;
  readonly who: Who;
  /** One line, for the description of the interface. */
  readonly summary: string;
  readonly query?: { readonly [name: string]: string } | undefined;
  readonly body?: BodyShape<unknown> | undefined;
  readonly answer: (plane: Plane, call: Call) => Promise<Reply>;
}

/** A route that takes a body; none at all counts as an empty object. */
export function withBody<Plane, Body>(route: Omit<Route<Plane>, 'answer' | 'body'> & { readonly body: BodyShape<Body>; readonly answer: (plane: Plane, call: Call & { readonly body: Body }) => Promise<Reply> }): Route<Plane> {
  return { ...route, answer: async (plane, call) => route.answer(plane, { ...call, body: parsedBody(route.body, call.request) }) };
}

interface Serving<Plane> {
  readonly routes: readonly Route<Plane>[];
  readonly plane: Plane;
  readonly identify: (request: ApiRequest) => Promise<Caller | undefined>;
  readonly clock: Clock;
  readonly log: Log;
}

export function serveRoutes<Plane>({ routes, plane, identify, clock, log }: Serving<Plane>): Answering {
  return async (request) => {
    const startedAt = clock.now();
    const found = matched(routes, request);
    let caller: Caller | undefined;
    let answer: ApiAnswer;
    try {
      const route = chosen(found, request.method);
      if (request.isTooLarge) throw new RequestRefused({ status: 413, code: 'E_TOO_LARGE', message: `a body may have ${bodyBytesMax} bytes` });
      if (isForSignedIn(route.who)) caller = allowed(route.who, await identify(request));
      const { status = 200, headers, body } = await route.answer(plane, { request, params: found?.params ?? {}, caller });
      answer = jsonAnswer(request, status, body, headers);
    } catch (error) {
      answer = problemAnswer(request, error);
      if (answer.status >= 500) log.error({ request: request.requestId, ...troubleIn(error) }, 'request failed');
    }
    log.info({ request: request.requestId, method: request.method, route: found?.routes[0]?.path, status: answer.status, by: caller?.kind, ms: clock.now() - startedAt }, 'request');
    return answer;
  };
}

interface Matched<Plane> {
  readonly routes: readonly Route<Plane>[];
  readonly params: { readonly [name: string]: string };
}

/** The routes of the most exact pattern that fits the path; a word that is meant literally wins over one that is a name. */
export function matched<Plane>(routes: readonly Route<Plane>[], { path }: Pick<ApiRequest, 'path'>): Matched<Plane> | undefined {
  let best: { readonly path: string; readonly params: { readonly [name: string]: string } } | undefined;
  for (const route of routes) {
    const params = paramsIn(route.path, path);
    if (params && (best === undefined || Object.keys(params).length < Object.keys(best.params).length)) best = { path: route.path, params };
  }
  return best && { routes: routes.filter((route) => route.path === best.path), params: best.params };
}

function paramsIn(pattern: string, path: string): { readonly [name: string]: string } | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  const params: { [name: string]: string } = {};
  for (const [at, part] of wanted.entries()) {
    const [, name, takesRest] = /^\{(\w+)(\+?)\}$/.exec(part) ?? [];
    const text = takesRest === '+' ? given.slice(at).join('/') : given[at];
    if (text === undefined || (name === undefined && text !== part) || (name !== undefined && text === '')) return undefined;
    if (name !== undefined) params[name] = decoded(text);
    if (takesRest === '+') return params;
  }
  return given.length === wanted.length ? params : undefined;
}

/** A gateway that has decoded it already may leave a bare percent sign, which then is one. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function chosen<Plane>(found: Matched<Plane> | undefined, method: string): Route<Plane> {
  if (found === undefined) throw new RequestRefused({ status: 404, code: 'E_NOT_FOUND', message: 'there is nothing at this address' });
  const route = found.routes.find((one) => one.method === method || (one.method === 'GET' && method === 'HEAD'));
  if (route) return route;
  const allow = found.routes.map((one) => one.method).join(', ');
  throw new RequestRefused({ status: 405, code: 'E_METHOD', message: `here it is ${allow}`, headers: { allow } });
}

const isForSignedIn = (who: Who): who is 'signed-in' | readonly Role[] => typeof who !== 'string' || who === 'signed-in';

function allowed(who: 'signed-in' | readonly Role[], caller: Caller | undefined): Caller {
  // Why a token or key is not accepted is told to nobody.
  if (caller === undefined) throw new RequestRefused({ status: 401, code: 'E_SIGN_IN_HERE', message: 'send a token that is valid (concord token makes one), or an API key', headers: { 'www-authenticate': 'Bearer' } });
  if (who !== 'signed-in' && !who.some((role) => caller.roles.includes(role))) throw new RequestRefused({ status: 403, code: 'E_ROLE', message: `this needs the role ${who.join(' or ')}` });
  return caller;
}

function parsedBody<T>(shape: BodyShape<T>, { headers, body }: ApiRequest): T {
  if (body.length > 0 && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '')) throw new RequestRefused({ status: 415, code: 'E_CONTENT_TYPE', message: 'send the body as application/json' });
  const result = shape.safeParse(body.length === 0 ? {} : jsonIn(body));
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`));
  throw new RequestRefused({ status: 400, code: 'E_BODY', message: 'the body is not what is expected here', problems });
}

/** @throws RequestRefused (400) */
export function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new RequestRefused({ status: 400, code: 'E_JSON', message: 'the body is no JSON' }, { cause: error });
  }
}

/** Of an unknown error no message: nobody can know what stands in it. */
function troubleIn(error: unknown): object {
  if (error instanceof ConcordError) return { code: error.code, why: error.message };
  return error instanceof Error ? { error: error.name, at: placesIn(error) } : { error: typeof error };
}

const placesIn = ({ stack = '' }: Error): readonly string[] => stack.split('\n').filter((line) => /^\s+at /.test(line)).slice(0, 8).map((line) => line.trim());
