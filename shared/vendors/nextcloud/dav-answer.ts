/**
 * What a DAV server said: the members of a multistatus as tsdav hands them over, and the reasons inside a refusal. tsdav turns
 * texts that look like numbers or booleans into such, and leaves errors as plain entries, so nothing else reads its results.
 */
import type { DAVResponse } from 'tsdav';
import { VendorAnswerInvalid, VendorRejected, VendorSignInFailed, VendorUnavailable } from '../../base/errors.ts';

export interface Member {
  readonly href: string;
  /** The member's own status; 207 when it has none because only its properties have one. */
  readonly status: number;
  /** Only properties that were found (2xx). */
  readonly props: Readonly<Record<string, unknown>>;
}

export interface Multistatus {
  readonly members: readonly Member[];
  /** The sync token of the whole answer, where it has one. */
  readonly token: string | undefined;
}

/** Why a server refused: exception class without its namespace (sabre), and the names of all elements in the body. */
export interface Refusal {
  readonly exception: string | undefined;
  readonly message: string;
  readonly elements: ReadonlySet<string>;
}

export type DavResult = { readonly kind: 'multistatus'; readonly answer: Multistatus } | { readonly kind: 'other'; readonly status: number; readonly body: string };

/** @throws VendorAnswerInvalid for a success that is not a multistatus where one is due. */
export function readDav(call: string, entries: readonly DAVResponse[]): DavResult {
  const [first] = entries;
  if (first === undefined) throw new VendorAnswerInvalid({ vendor: 'nextcloud', call, reason: 'EMPTY' });
  const root: unknown = field(first.raw, 'multistatus');
  if (root === undefined) return { kind: 'other', status: first.status, body: typeof first.raw === 'string' ? first.raw : '' };
  const members = entries.flatMap((entry) => {
    const href = propText(entry.href);
    return href === undefined ? [] : [{ href, status: entry.status, props: entry.props ?? {} }];
  });
  return { kind: 'multistatus', answer: { members, token: propText(field(root, 'syncToken')) } };
}

/** @throws what the status means, see `failed`. */
export function multistatusOf(call: string, entries: readonly DAVResponse[], reasons: { readonly missing?: string } = {}): Multistatus {
  const result = readDav(call, entries);
  if (result.kind === 'multistatus') return result.answer;
  throw failed(call, result, reasons);
}

/** The error for an answer that nobody can use. The given fetch has usually thrown before for 401, 429 and 5xx. */
export function failed(call: string, answer: { readonly status: number; readonly body: string }, reasons: { readonly missing?: string } = {}): Error {
  const { status } = answer;
  const facts = { vendor: 'nextcloud', call, status };
  if (status === 401) return new VendorSignInFailed(facts);
  if (status >= 500 || status === 429) return new VendorUnavailable({ ...facts, sent: true });
  if (status >= 200 && status < 300) return new VendorAnswerInvalid({ ...facts, reason: 'NOT_MULTISTATUS' });
  if (status >= 300 && status < 400) return new VendorRejected({ ...facts, reason: 'MOVED' });
  const reason = status === 404 ? reasons.missing : reasonOf(readRefusal(answer.body));
  return new VendorRejected({ ...facts, ...(reason !== undefined && { reason }) });
}

/** A property as the text that it was; undefined when absent or empty. */
export function propText(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const cdata = field(value, '_cdata');
  return cdata === undefined ? undefined : propText(cdata);
}

/** Whether a text from a server is the one we mean: a calendar called `1e3` arrives as the number 1000. */
export function isSameText(value: unknown, wanted: string): boolean {
  if (typeof value === 'number') return wanted.trim() !== '' && Number(wanted) === value;
  if (typeof value === 'boolean') return wanted.trim().toLowerCase() === String(value);
  return propText(value)?.trim() === wanted.trim();
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

export function readRefusal(body: string): Refusal {
  const exception = /<[\w.-]+:exception>([^<]*)</.exec(body)?.[1]?.split('\\').at(-1)?.trim();
  return {
    exception: exception === '' ? undefined : exception,
    message: /<[\w.-]+:message>([^<]*)</.exec(body)?.[1] ?? body.slice(0, 1000),
    elements: new Set(Array.from(body.matchAll(/<(?:[\w.-]+:)?([a-z][\w-]*)[\s/>]/gi), ([, name]) => name!.toLowerCase())),
  };
}

const wrappers = new Set(['error', 'multistatus', 'response', 'responsedescription', 'href', 'status', 'propstat', 'prop', 'exception', 'message', 'header']);

/** A short name for a refusal, safe for logs: the unmet condition or the exception class, never the message. */
export function reasonOf({ exception, elements }: Refusal): string | undefined {
  const condition = [...elements].find((name) => name.includes('-') && !wrappers.has(name));
  return condition ?? (exception !== undefined && /^\w{1,60}$/.test(exception) ? exception : undefined);
}
