/**
 * Who may tell us by webhook that something has changed, for each connector: in which dialect they sign, under which variable their secret
 * stands, and how their words are read. Whatever they say, it is a hint: the items are read before anything is decided.
 */
import { fieldsOf } from '../base/fields-of.ts';
import type { Hint } from '../engine/plan.ts';
import { dialects, type Dialect } from './api/dialects.ts';

export interface WebhookSender {
  readonly dialect: Dialect;
  /** Of the variable; one secret, or two with a blank between them while it is changed. */
  readonly secretName: string;
  /** How old a message has to be before the items are read: some are sent before their transaction is over. */
  readonly settleMs: number;
  /** @returns which items; none for everything. `ignored`: this kind of message tells us nothing. */
  readonly read: (body: unknown) => readonly Hint[] | 'ignored';
}

/**
 * A Flow of Directus with an event hook of type action and a request operation whose body is `{{$trigger}}`. It signs nothing, names no
 * delivery and tells each change once; inside an array write it calls before the transaction is over (all confirmed, Directus 12.4).
 */
const directusFlow: WebhookSender = {
  dialect: dialects.sharedSecret,
  secretName: 'DIRECTUS_WEBHOOK_SECRET',
  settleMs: 3000,
  read: (body) => {
    const { event, key, keys } = fieldsOf(body);
    if (typeof event !== 'string' || !/^(?:\w+\.)?items\.(?:create|update|delete)$/.test(event)) return 'ignored';
    const ids = [...(Array.isArray(keys) ? keys : []), key].flatMap(idIn);
    return ids.length === 0 ? [] : [{ stream: 'events', side: 'source', ids: [...new Set(ids)] }];
  },
};

export const webhookSenders: { readonly [connector: string]: WebhookSender } = { 'directus-nextcloud': directusFlow };

export const settleMsOf = (connector: string): number => webhookSenders[connector]?.settleMs ?? 0;

/** Texts when the id came in an address, numbers when it came in a body. */
const idIn = (value: unknown): string[] => (typeof value === 'string' && value !== '' ? [value] : typeof value === 'number' ? [String(value)] : []);
