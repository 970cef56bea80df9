/**
 * Whether a webhook is from whom it says: over the bytes as they came, in constant time, and not too old. Why one is refused is told to
 * nobody but the log.
 */
import { createHmac } from 'node:crypto';
import { isSameText } from '../../base/same-text.ts';
import type { Dialect } from './dialects.ts';
import type { ApiRequest } from './request.ts';

export type Proof = { readonly ok: true; readonly id: string | undefined } | { readonly ok: false; readonly why: 'no proof' | 'stale' | 'forged' };

const secretCharsMin = 16; // a shorter one is as good as none

/** @param secrets  any of them will do: while a secret is changed there are two. */
export function proofOf(dialect: Dialect, secrets: readonly string[], { headers, body }: Pick<ApiRequest, 'headers' | 'body'>, nowMs: number): Proof {
  const sent = headers[dialect.header];
  const usable = secrets.filter((secret) => secret.length >= secretCharsMin);
  if (sent === undefined || sent === '' || usable.length === 0) return refused('no proof');
  const id = dialect.idHeader === undefined ? undefined : headers[dialect.idHeader];
  const time = timeText(dialect, headers, sent);
  if (dialect.idHeader !== undefined && (id === undefined || id === '')) return refused('no proof');
  if (dialect.timestamp && !isFresh(dialect.timestamp, time, nowMs)) return refused('stale');
  const wanted = usable.map((secret) => (dialect.form === 'secret' ? secret : signatureOf(dialect, secret, { id, time, body })));
  // Everything is compared with everything, in the same time whatever fits.
  const fits = signaturesIn(dialect, sent).flatMap((one) => wanted.map((other) => isSameText(one, other)));
  return fits.includes(true) ? { ok: true, id } : refused('forged');
}

/** What a sender of this dialect puts into its header. */
export function signatureOf({ signed, key, encoding }: Dialect, secret: string, { id = '', time = '', body }: { readonly id?: string | undefined; readonly time?: string | undefined; readonly body: Uint8Array }): string {
  const hmac = createHmac('sha256', key === 'whsec' ? Buffer.from(secret.replace(/^whsec_/, ''), 'base64') : secret);
  if (signed === 'id.time.body') hmac.update(`${id}.`);
  if (signed !== 'body') hmac.update(`${time}.`);
  return hmac.update(body).digest(encoding);
}

const refused = (why: Exclude<Proof, { ok: true }>['why']): Proof => ({ ok: false, why });

function timeText({ timestamp }: Dialect, headers: ApiRequest['headers'], sent: string): string | undefined {
  if (timestamp?.header !== undefined) return headers[timestamp.header];
  return timestamp?.name === undefined ? undefined : pairsIn(sent).find(([name]) => name === timestamp.name)?.[1];
}

function isFresh({ unit, pastMs, futureMs }: NonNullable<Dialect['timestamp']>, text: string | undefined, nowMs: number): boolean {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return false;
  const age = nowMs - Number(text) * (unit === 's' ? 1000 : 1);
  return age <= pastMs && -age <= futureMs;
}

function signaturesIn({ form, prefix }: Dialect, sent: string): readonly string[] {
  if (form === 'pairs') return pairsIn(sent).filter(([name]) => name === prefix).map(([, value]) => value);
  return (form === 'list' ? sent.split(' ') : [sent]).filter((one) => one.startsWith(prefix)).map((one) => one.slice(prefix.length));
}

const pairsIn = (text: string): readonly (readonly [string, string])[] => text.split(',').map((part) => [part.slice(0, Math.max(0, part.indexOf('='))).trim(), part.slice(part.indexOf('=') + 1).trim()]);
