/**
 * How SKY says no. Four shapes (all confirmed): the Event API lists `{message, error_name, ...}`, the Constituent API the same in PascalCase, the
 * gateway answers `{statusCode, message}`, webhooks Problem Details; an outage may be plain text. All become one SkyFault. What the texts say is read
 * for known phrases only and then left behind, because they may quote a person's data: codes and messages are our own or the vendor's names.
 */
import { QuotaExhausted, VendorRejected, VendorSignInFailed, type ConcordError } from '../../base/errors.ts';
import type { FailingAnswer } from '../../http/client.ts';
import { retryAfterMs } from '../../http/retry-after.ts';
import { fieldIn, saidIn, type Said } from './said.ts';

/** As reports, hints and `concord connect` call it; SKY is only the name of the API in front of it. */
export const system = 'nxt';

export interface SkyFault {
  readonly status: number;
  /** One of ours (`FaultCode`), else the vendor's name (`BadRequest`) or `HTTP_415` and the like. */
  readonly code: string;
  /** For a report; without values. */
  readonly message: string;
  /** One of our own fields that the vendor speaks of: a hint. */
  readonly field?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

export type FaultCode = keyof typeof words;

const words = {
  TOKEN: 'the access token is not accepted',
  SUBSCRIPTION_KEY: 'the subscription key is not accepted',
  QUOTA: 'the calls of the day are used up',
  RATE: 'too many calls at once',
  FORBIDDEN: 'the signed-in user may not do this in NXT',
  NOT_FOUND: 'NXT does not have it: deleted, merged away or never there',
  NOT_THE_API: 'what answered is not the API: the address may be wrong',
  ALREADY_EXISTS: 'NXT says that it is there already',
  MALFORMED_BODY: 'NXT could not read the request as a whole',
} as const;

/** What became of one item. */
export type Refusal =
  /** Something of this key, or this person on this event, is there already (assumed: a 400 that says so): a question for a look-up. If that finds nothing, `fault` is what was refused. */
  | { readonly kind: 'exists'; readonly fault: SkyFault }
  | { readonly kind: 'missing' }
  | { readonly kind: 'refused'; readonly fault: SkyFault };

const unknownQuotaWaitMs = 60 * 60_000; // our own caution where the vendor does not say when the quota returns

export function faultIn({ status, headers, bodyText }: Pick<FailingAnswer, 'status' | 'headers' | 'bodyText'>, nowMs: number): SkyFault {
  const said = saidIn(bodyText);
  const waitMs = retryAfterMs(headers, nowMs) ?? replenishedInMs(said.text);
  const code = codeOf(status, said, waitMs !== undefined);
  const field = fieldIn(said.text);
  const message = `${isOurs(code) ? words[code] : `NXT refused it (${status} ${code})`}${field === undefined ? '' : `; it speaks of ${field}`}`;
  return { status, code, message, ...(field !== undefined && { field }), ...(waitMs !== undefined && { retryAfterMs: waitMs }) };
}

function codeOf(status: number, { form, name, text }: Said, hasWait: boolean): string {
  if (status === 401) return /subscription[-_ ]?key/i.test(text) ? 'SUBSCRIPTION_KEY' : 'TOKEN';
  if (status === 403) return hasWait || /out of call volume quota/i.test(text) ? 'QUOTA' : 'FORBIDDEN';
  // A gateway that has no such route answers in its own shape (likely); an API that has no such record in its own.
  if (status === 404) return form === 'gateway' || form === 'text' ? 'NOT_THE_API' : 'NOT_FOUND';
  if (status === 429) return 'RATE';
  if (/\balready\b|\bduplicate\b|\bunique\b/i.test(text)) return 'ALREADY_EXISTS';
  // What ASP.NET says when nothing of the body could be read; `eventAdd` is no field (likely).
  if (/\bThe \w+(?:Add|Create|Edit|Update) field is required/i.test(text)) return 'MALFORMED_BODY';
  return name ?? `HTTP_${status}`;
}

/** Turns a failing answer into what it means; limits of the rate and ill servers are left to the general rules. */
export function meaningOf(failing: FailingAnswer, nowMs: number): ConcordError | undefined {
  const { call, status } = failing;
  const isRefusal = status >= 400 && status < 500 && ![408, 425, 429].includes(status);
  if (!isRefusal) return undefined;
  const fault = faultIn(failing, nowMs);
  const facts = { vendor: system, call, status, reason: fault.code };
  if (status === 401) return new VendorSignInFailed(facts);
  if (fault.code === 'QUOTA') return new QuotaExhausted({ ...facts, resetsAt: nowMs + (fault.retryAfterMs ?? unknownQuotaWaitMs) });
  return new VendorRejected(facts, { cause: new SkyRefusal(fault) });
}

/** What belongs to one item; everything else stops more than this item, and is thrown on. */
export function refusalOf(error: unknown): Refusal {
  const fault = faultOf(error);
  if (fault === undefined || fault.code === 'NOT_THE_API') throw error;
  if (fault.code === 'NOT_FOUND') return { kind: 'missing' };
  return { kind: fault.code === 'ALREADY_EXISTS' ? 'exists' : 'refused', fault };
}

/** What SKY said about a request that it refused. */
export function faultOf(error: unknown): SkyFault | undefined {
  return error instanceof VendorRejected && error.cause instanceof SkyRefusal ? error.cause.fault : undefined;
}

/** Whether another access token may help; a wrong subscription key is refused with 401 as well (confirmed). */
export function refusesToken({ vendor, reason }: VendorSignInFailed): boolean {
  return vendor === system && reason !== 'SUBSCRIPTION_KEY';
}

/** The gateway's text for a day's quota (likely): "Quota will be replenished in 02:15:00". */
function replenishedInMs(text: string): number | undefined {
  const [, hours, minutes, seconds] = /replenished in (\d{1,2}):(\d\d):(\d\d)/i.exec(text) ?? [];
  return hours === undefined ? undefined : ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
}

const isOurs = (code: string): code is FaultCode => code in words;

class SkyRefusal extends Error {
  override readonly name = 'SkyRefusal';
  readonly fault: SkyFault;

  constructor(fault: SkyFault) {
    super(fault.message);
    this.fault = fault;
  }
}
