/**
 * How senders of webhooks prove who they are, as data: which headers, what is signed, in which letters, how old it may be. Hex or base64,
 * seconds or milliseconds is part of a dialect and never guessed: a wrong guess refuses every real message. Checked in signature.ts.
 * Known from: the Standard Webhooks specification 1.0.0, the pages of GitHub, Stripe and Alma, and the sheets of our own vendors.
 */

export interface Dialect {
  /** Where the proof stands. */
  readonly header: string;
  /**
   * `secret`: the header holds the secret itself. `list`: signatures with blanks between them, each with the prefix. `pairs`: `name=value`
   * with commas between them, where the prefix is the name and the time stands under `timestamp.name`. `one`: the prefix and a signature.
   */
  readonly form: 'secret' | 'one' | 'list' | 'pairs';
  readonly prefix: string;
  readonly encoding: 'hex' | 'base64';
  /** What the HMAC-SHA256 is over. Fields that a dialect does not have cannot stand in it. */
  readonly signed: 'body' | 'time.body' | 'id.time.body';
  /** `whsec`: base64 behind `whsec_`; `text`: the letters as they are. */
  readonly key: 'text' | 'whsec';
  readonly timestamp?: { readonly header?: string; readonly name?: string; readonly unit: 's' | 'ms'; readonly pastMs: number; readonly futureMs: number } | undefined;
  /** The sender's name for the message, the same in every repetition. */
  readonly idHeader?: string | undefined;
  /** The sender asks once, by GET, whether we are there, and wants this query value back. */
  readonly challenge?: string | undefined;
}

const minutes = 60_000;
const fiveEitherWay = { pastMs: 5 * minutes, futureMs: 5 * minutes };

export const dialects = {
  standard: { header: 'webhook-signature', form: 'list', prefix: 'v1,', encoding: 'base64', signed: 'id.time.body', key: 'whsec', timestamp: { header: 'webhook-timestamp', unit: 's', ...fiveEitherWay }, idHeader: 'webhook-id' },
  // No time in it: the name of the delivery is what keeps it from being played again.
  gitHub: { header: 'x-hub-signature-256', form: 'one', prefix: 'sha256=', encoding: 'hex', signed: 'body', key: 'text', idHeader: 'x-github-delivery' },
  stripe: { header: 'stripe-signature', form: 'pairs', prefix: 'v1', encoding: 'hex', signed: 'time.body', key: 'text', timestamp: { name: 't', unit: 's', ...fiveEitherWay } },
  timedHex: { header: 'x-signature', form: 'one', prefix: '', encoding: 'hex', signed: 'time.body', key: 'text', timestamp: { header: 'x-timestamp', unit: 'ms', pastMs: 5 * minutes, futureMs: minutes } },
  timedBase64: { header: 'x-signature', form: 'one', prefix: '', encoding: 'base64', signed: 'time.body', key: 'text', timestamp: { header: 'x-timestamp', unit: 's', ...fiveEitherWay } },
  alma: { header: 'x-exl-signature', form: 'one', prefix: '', encoding: 'base64', signed: 'body', key: 'text', challenge: 'challenge' },
  sharedSecret: { header: 'x-webhook-secret', form: 'secret', prefix: '', encoding: 'hex', signed: 'body', key: 'text' },
} as const satisfies { readonly [name: string]: Dialect };
