/** The client against the simulated Directus: the two were written apart from each other, from the same facts. */
import { expect, test } from 'vitest';
import { VendorRejected, VendorSignInFailed } from '../../shared/base/errors.ts';
import { unlimited } from '../../shared/http/budget.ts';
import { callCounter } from '../../shared/http/calls.ts';
import { simulateDirectus, type DirectusSettings } from '../../shared/simulators/directus.ts';
import { simulatedWorld } from '../../shared/simulators/world.ts';
import { directusClient, type DirectusOptions } from '../../shared/vendors/directus/client.ts';

function connected(settings: Partial<DirectusSettings> = {}, options: Partial<DirectusOptions> = {}) {
  const world = simulatedWorld();
  const directus = simulateDirectus(world, settings);
  const calls = callCounter();
  const deps = { fetch: directus.fetch, clock: world.clock, budget: unlimited, calls };
  const client = directusClient(deps, { url: directus.url, token: directus.token, collection: 'events', ...options });
  return { client, directus, calls, clock: world.clock };
}

test.each([
  ['no maximum', {}, 1],
  ['a maximum of 150', { queryLimitMax: 150 }, 3],
])('257 rows are listed to the last one with %s', async (_what, settings, calls) => {
  const hub = connected(settings);
  for (let row = 0; row < 257; row += 1) hub.directus.events.add();
  hub.directus.events.edit(3, { title: 'Moved' });

  const listing = await hub.client.listVersions({ fields: ['nextcloud_uid'] });

  expect(listing).toMatchObject({ declaredTotal: 257, complete: true });
  expect(listing.rows).toHaveLength(257);
  expect(listing.rows[0]).toEqual({ id: 1, date_updated: null, date_created: expect.any(String), nextcloud_uid: null });
  expect(listing.rows[2]?.['date_updated']).toEqual(expect.any(String));
  expect(hub.calls.totals()).toEqual({ directus: calls });
});

test('an empty collection is a complete listing', async () => {
  const hub = connected();

  expect(await hub.client.listVersions()).toEqual({ rows: [], declaredTotal: 0, complete: true });
});

test.each([250, 30])('reads by id bring what stands there, also under a maximum (%i rows asked)', async (asked) => {
  const hub = connected({ queryLimitMax: 40 });
  for (let row = 0; row < asked; row += 1) hub.directus.events.add({ title: `Event ${row}` });
  hub.directus.events.remove(2);
  const ids = Array.from({ length: asked }, (_, at) => at + 1);

  const rows = await hub.client.readItems(ids, ['title']);

  expect(rows).toHaveLength(asked - 1);
  expect(rows[0]).toEqual({ id: 1, title: 'Event 0' });
  expect(rows.some(({ id }) => id === 2)).toBe(false);
});

test('a row is found by its UID', async () => {
  const hub = connected();
  hub.directus.events.add({ nextcloud_uid: 'a@example' });
  const wanted = hub.directus.events.add({ nextcloud_uid: 'b@example' });

  const found = await hub.client.find({ nextcloud_uid: { _eq: 'b@example' } }, ['nextcloud_uid'], 2);

  expect(found).toEqual([{ id: wanted.id, nextcloud_uid: 'b@example' }]);
});

test('a batch is stored whole and answered in its order', async () => {
  const hub = connected();
  const batch = ['c', 'a', 'b'].map((title) => ({ title, start_date: '2027-03-04T18:00:00Z' }));

  const stored = await hub.client.createItems(batch, ['title', 'start_date']);

  expect(stored.map(({ title }) => title)).toEqual(['c', 'a', 'b']);
  expect(stored[0]?.['start_date']).toBe('2027-03-04T18:00:00.000Z');
  expect(hub.directus.events.size).toBe(3);
});

test('a batch with one bad row stores nothing and says why', async () => {
  const hub = connected();
  hub.directus.events.add({ nextcloud_uid: 'a@example' });
  const batch = ['b@example', 'a@example'].map((uid) => ({ title: uid, start_date: '2027-03-04T18:00:00Z', nextcloud_uid: uid }));

  await expect(hub.client.createItems(batch, [])).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', reason: 'RECORD_NOT_UNIQUE' });

  expect(hub.directus.events.size).toBe(1);
});

test('a create whose answer was lost is not made twice', async () => {
  const hub = connected();
  hub.directus.faults.add({ kind: 'lost-answer', when: { method: 'POST', nth: 1 } });

  const create = hub.client.createItem({ title: 'Board', start_date: '2027-03-04T18:00:00Z' }, []);

  await expect(create).rejects.toMatchObject({ code: 'E_UNAVAILABLE', sent: true });
  expect(hub.directus.events.size).toBe(1);
});

test('an update goes through on the version that was read, and on that one only', async () => {
  const hub = connected();
  const { id } = hub.directus.events.add({ title: 'Board' });

  const first = await hub.client.updateIfUnchanged({ id, dateUpdated: null, data: { title: 'Board, moved' }, fields: ['date_updated'] });
  const stamp = first === 'stale' ? '' : String(first['date_updated']);
  const late = await hub.client.updateIfUnchanged({ id, dateUpdated: null, data: { title: 'Lost' }, fields: [] });
  const second = await hub.client.updateIfUnchanged({ id, dateUpdated: stamp, data: { title: 'Board, again' }, fields: ['title'] });
  const again = await hub.client.updateIfUnchanged({ id, dateUpdated: stamp, data: { title: 'Lost' }, fields: [] });

  expect([late, again]).toEqual(['stale', 'stale']);
  expect(second).toEqual({ id, title: 'Board, again' });
  expect(hub.directus.events.get(id)?.title).toBe('Board, again');
});

test('what is gone is told from what is forbidden', async () => {
  const hub = connected();
  const { id } = hub.directus.events.add();

  expect(await hub.client.update(999, { title: 'x' }, [])).toBe('gone');
  expect(await hub.client.deleteItem(999)).toBe('gone');
  hub.directus.settings.permissions.delete = false;
  await expect(hub.client.deleteItem(id)).rejects.toBeInstanceOf(VendorRejected);
  hub.directus.settings.permissions.delete = true;
  expect(await hub.client.deleteItem(id)).toBe('deleted');
  expect(hub.directus.events.size).toBe(0);
});

test('a delete whose answer was lost is settled in the same call', async () => {
  const hub = connected();
  const { id } = hub.directus.events.add();
  hub.directus.faults.add({ kind: 'lost-answer', when: { method: 'DELETE', nth: 1 } });

  expect(await hub.client.deleteItem(id)).toBe('gone');
  expect(hub.directus.events.size).toBe(0);
});

test('names that the collection does not have are found out one by one', async () => {
  const hub = connected({ fieldsMissing: ['category', 'tags'] });

  expect(await hub.client.checkFields(['title', 'start_date'])).toEqual([]);
  expect(await hub.client.checkFields(['title', 'category', 'tags', 'titel'])).toEqual(['category', 'tags', 'titel']);
});

test('a collection that is hidden is not reported as missing fields', async () => {
  const hub = connected({}, { collection: 'meetings' });

  await expect(hub.client.checkFields(['title'])).rejects.toMatchObject({ reason: 'FORBIDDEN' });
});

test('the bot learns its own id, and a wrong token is a matter of sign-in', async () => {
  const good = connected();
  const bad = connected({}, { token: 'expired' });

  expect(await good.client.whoAmI()).toBe(good.directus.botId);
  await expect(bad.client.whoAmI()).rejects.toBeInstanceOf(VendorSignInFailed);
  await expect(bad.client.ping()).resolves.toBeUndefined();
  expect(bad.calls.totals()).toEqual({ directus: 2 });
});

test('under pressure a listing is asked again, and a call that hangs is given up and asked again', async () => {
  const hub = connected();
  hub.directus.events.add();
  hub.directus.faults.add({ kind: 'status', status: 503, when: { nth: 1 } });
  hub.directus.faults.add({ kind: 'hang', when: { nth: 1 } });
  const startedAt = hub.clock.now();

  const listing = await hub.client.listVersions();

  expect(listing.complete).toBe(true);
  expect(hub.calls.totals()).toEqual({ directus: 3 });
  expect(hub.clock.now() - startedAt).toBe(500 + 15_000 + 1000);
});

test('the rate limiter of Directus is waited out as it asks', async () => {
  const hub = connected({ pointsPerSecond: 2 });
  hub.directus.events.add();

  for (let call = 0; call < 7; call += 1) await hub.client.readItems([1], []);

  const statuses = hub.directus.journal.entries.map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(7);
  expect(statuses).toContain(429);
});

test('a listing that breaks off half-way is not taken for data', async () => {
  const hub = connected();
  for (let row = 0; row < 20; row += 1) hub.directus.events.add();
  hub.directus.faults.add({ kind: 'half-body', when: {} });

  await expect(hub.client.listVersions()).rejects.toMatchObject({ code: 'E_ANSWER_INVALID' });
});
