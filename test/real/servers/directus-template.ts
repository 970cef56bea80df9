/**
 * What stands in the test Directus before the first test: the collection `events`, a policy, and a bot that may list, create
 * and update its items and nothing else. Made over REST with the admin's token, as a person would by hand.
 *
 * The free tier of version 12 refuses permissions with item rules or field lists (confirmed on 12.4.0), so the bot holds
 * whole-collection rights per action.
 */

/** Part of the cached database's name: a change here makes a new one. */
export const templateVersion = 1;

/** Tokens and passwords of a server that lives for seconds on loopback; none of them opens anything else. */
export const directusAccess = {
  adminEmail: 'admin@example.org',
  adminPassword: 'admin-password-for-tests',
  adminToken: 'admin-token-for-tests',
  botToken: 'bot-token-for-tests',
  secret: 'a-secret-for-tests-of-at-least-32-characters',
} as const;

interface Field {
  readonly field: string;
  readonly type: string;
  readonly meta: { readonly special?: readonly string[]; readonly interface?: string; readonly readonly?: boolean };
  readonly schema: Readonly<Record<string, unknown>>;
}

const text = (field: string): Field => ({ field, type: 'string', meta: {}, schema: { max_length: 255 } });
const instant = (field: string): Field => ({ field, type: 'timestamp', meta: {}, schema: {} });
// Without the special, SQLite answers 1 where true was sent (confirmed).
const yesNo = (field: string): Field => ({ field, type: 'boolean', meta: { special: ['cast-boolean'] }, schema: { default_value: false } });
const kept = (field: string, type: string): Field => ({
  field,
  type,
  meta: { special: [field.replace('_', '-')], readonly: true },
  schema: {},
});

const fields: readonly Field[] = [
  { field: 'id', type: 'integer', meta: {}, schema: { is_primary_key: true, has_auto_increment: true } },
  { ...text('status'), schema: { default_value: 'draft' } },
  yesNo('approved'),
  { ...text('title'), schema: { is_nullable: false, max_length: 255 } },
  instant('start_date'),
  instant('end_date'),
  yesNo('all_day'),
  { field: 'description', type: 'text', meta: {}, schema: {} },
  text('location'),
  text('website'),
  text('organizer'),
  text('cost'),
  text('category'),
  { field: 'tags', type: 'json', meta: { special: ['cast-json'] }, schema: {} },
  text('source'),
  { ...text('nextcloud_uid'), schema: { is_unique: true, max_length: 255 } },
  kept('date_created', 'timestamp'),
  kept('date_updated', 'timestamp'),
  kept('user_created', 'uuid'),
  kept('user_updated', 'uuid'),
];

/** @param url  A bootstrapped, empty Directus without a slash at its end. */
export async function fillTemplate(url: string): Promise<void> {
  const admin = directusCalls({ url, token: directusAccess.adminToken });
  await admin('POST', '/collections', { collection: 'events', meta: {}, schema: { name: 'events' }, fields });
  const policy = await admin('POST', '/policies', { name: 'Calendar bot', app_access: false, admin_access: false });
  for (const action of ['create', 'read', 'update']) {
    await admin('POST', '/permissions', { policy: idOf(policy), collection: 'events', action, fields: ['*'] });
  }
  await admin('POST', '/users', {
    first_name: 'Calendar',
    last_name: 'Bot',
    email: 'bot@example.org',
    status: 'active',
    token: directusAccess.botToken,
    policies: { create: [{ policy: { id: idOf(policy) } }] },
  });
}

/**
 * One call to Directus as one user, with the answer's `data`.
 *
 * @throws Error with the status and the answer's beginning when it is not 2xx.
 */
export function directusCalls(access: { url: string; token: string }): (method: string, path: string, body?: unknown) => Promise<unknown> {
  return async (method, path, body) => {
    const answer = await fetch(`${access.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${access.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const raw = await answer.text();
    if (!answer.ok) throw new Error(`Directus answered ${answer.status} to ${method} ${path}: ${raw.slice(0, 300)}`);
    if (raw === '') return undefined;
    const parsed: unknown = JSON.parse(raw);
    return typeof parsed === 'object' && parsed !== null && 'data' in parsed ? parsed.data : undefined;
  };
}

/** The `id` of an answered item. */
export function idOf(item: unknown): string | number {
  if (typeof item === 'object' && item !== null && 'id' in item && (typeof item.id === 'string' || typeof item.id === 'number')) return item.id;
  throw new Error('Directus answered without an id');
}
