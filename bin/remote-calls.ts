/**
 * One call to a deployed hub's HTTP side, and what its refusals mean here: the same errors, and so the same words and exit codes, as a hub
 * on this machine would give.
 */
import type { Clock } from '../shared/base/clock.ts';
import { ConcordError, ConfigurationInvalid, VendorUnavailable } from '../shared/base/errors.ts';
import { fieldsOf } from '../shared/base/fields-of.ts';
import { checkedAddress } from '../shared/http/address.ts';
import { unlimited } from '../shared/http/budget.ts';
import { callCounter } from '../shared/http/calls.ts';
import { sender } from '../shared/http/send.ts';

export interface Remote {
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/** The hub said no, or nothing. `code` is its own, which decides what the verb ends with. */
export class HubRefused extends ConcordError {
  readonly retryable = false;
  readonly code: string;

  constructor(facts: { code: string; message: string }, options?: ErrorOptions) {
    super(facts.message, options);
    this.code = facts.code;
  }
}

export interface Called {
  readonly status: number;
  readonly body: unknown;
}

export type Call = (method: 'GET' | 'POST', path: string, more?: { readonly query?: { readonly [name: string]: string | undefined }; readonly json?: object }) => Promise<Called>;

/** One whose answer of 404 means that nothing is known. */
export const isNotFound = (error: unknown): boolean => error instanceof NotFoundThere;

const answerMs = 45_000; // the hub answers within 30 s, a gateway ends what takes longer

/** @throws ConfigurationInvalid for an address that is none; HubRefused; the signal's reason. */
export function remoteCalls({ url, token, clock, fetch, signal }: Remote): Call {
  const base = checkedAddress('the hub', url);
  const prefix = base.origin + base.pathname.replace(/\/+$/, '');
  const send = sender({ fetch, clock, budget: unlimited, calls: callCounter() }, { system: 'hub', timeoutMs: answerMs });
  return async (method, path, { query = {}, json } = {}) => {
    const words = new URLSearchParams(Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined));
    const headers = { authorization: `Bearer ${token}`, accept: 'application/json', ...(json && { 'content-type': 'application/json' }) };
    const ask = { call: `${method} ${path.split('/').slice(0, 4).join('/')}`, method, url: `${prefix}${path}${words.size > 0 ? `?${words.toString()}` : ''}`, headers, body: json && JSON.stringify(json), signal };
    const answer = await send(ask).catch((error: unknown) => unreachable(prefix, error));
    const body = parsed(answer.body);
    if (answer.status >= 200 && answer.status < 300 && body !== undefined) return { status: answer.status, body };
    throw refusal(prefix, answer.status, fieldsOf(body));
  };
}

function unreachable(prefix: string, error: unknown): never {
  if (!(error instanceof VendorUnavailable)) throw error;
  throw new HubRefused({ code: 'E_HUB_UNREACHABLE', message: `the hub at ${prefix} gives no answer; ${error.sent ? 'what was asked may have been done: concord status tells' : 'nothing was sent. Check the address and the network'}` }, { cause: error });
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

class NotFoundThere extends ConfigurationInvalid {}

// Where the command line on that machine would have said what is wrong with it.
const asConfiguration = new Set(['E_CONFIG', 'E_NOT_FOUND', 'E_SEVERAL', 'E_BODY', 'E_QUERY', 'E_KEY']);

function refusal(prefix: string, status: number, { code, detail, problems }: ReturnType<typeof fieldsOf>): ConcordError {
  if (typeof code !== 'string' || typeof detail !== 'string') {
    return new HubRefused({ code: 'E_HUB_UNREACHABLE', message: `what answers at ${prefix} (${status}) is no hub of Concord, or a gateway in front of it` });
  }
  if (status === 401) return new HubRefused({ code, message: `the hub at ${prefix} does not accept the token: set CONCORD_TOKEN or --token-file to one that is valid` });
  if (!asConfiguration.has(code)) return new HubRefused({ code, message: detail });
  const told = Array.isArray(problems) && problems.length > 0 ? problems.map(String) : [detail];
  return status === 404 ? new NotFoundThere(told) : new ConfigurationInvalid(told);
}

/** @throws HubRefused where it lacks a field without which it is no T. */
export function shaped<T>(value: unknown, required: readonly (keyof T & string)[]): T {
  const has = (one: unknown): one is T => typeof one === 'object' && one !== null && required.every((field) => Object.hasOwn(one, field));
  if (!has(value)) throw new HubRefused({ code: 'E_HUB_ANSWER', message: `the hub's answer lacks ${required.join(' or ')}: it may be of another release than this command` });
  return value;
}
