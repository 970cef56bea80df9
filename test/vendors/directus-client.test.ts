/** The client against scripted answers: what no simulator of an honest server shows. */
import { describe, expect, test } from 'vitest';
import { ConfigurationInvalid, VendorAnswerInvalid, VendorRejected, VendorUnavailable } from '../../shared/base/errors.ts';
import { batchesOf } from '../../shared/vendors/directus/batches.ts';
import { directusClient } from '../../shared/vendors/directus/client.ts';
import { faultsOf } from '../../shared/vendors/directus/refusals.ts';
import { tolerantBoolean } from '../../shared/vendors/directus/schema.ts';
import { answer, broken, ok, world, type Step } from '../http/stubs.ts';

function clientOver(...script: readonly Step[]) {
  const deps = world(...script);
  const client = directusClient(deps, { url: 'https://directus.example', token: 'bot-token', collection: 'events' });
  return { client, deps };
}

function refused(status: number, ...codes: readonly { code: string; field?: string }[]): Response {
  const errors = codes.map((extensions) => ({ message: 'Value "Ada Example" is bad', extensions }));
  return answer(status, { 'content-type': 'application/json' }, JSON.stringify({ errors }));
}

function page(ids: readonly (number | string)[], left: number): Response {
  return ok({ meta: { filter_count: left }, data: ids.map((id) => ({ id, date_updated: null, date_created: '2027-01-10T08:00:00.000Z' })) });
}

describe('a listing', () => {
  test('is one call when one page holds it', async () => {
    const { client, deps } = clientOver(page([1, 2], 2));

    const listing = await client.listVersions();

    expect(listing).toMatchObject({ declaredTotal: 2, complete: true, rows: [{ id: 1 }, { id: 2 }] });
    const asked = new URL(deps.seen[0]?.url ?? '').searchParams;
    expect(Object.fromEntries(asked)).toEqual({ fields: 'id,date_updated,date_created', sort: 'id', limit: '10000', meta: 'filter_count' });
    expect(deps.seen).toHaveLength(1);
  });

  test('that was cut in silence is read on by key until nothing is left', async () => {
    const { client, deps } = clientOver(page([1, 2], 5), page([3, 4], 3), page([5], 1));

    const listing = await client.listVersions();

    expect(listing.rows.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
    expect(listing).toMatchObject({ declaredTotal: 5, complete: true });
    expect(deps.seen.map(({ url }) => new URL(url).searchParams.get('filter'))).toEqual([null, '{"id":{"_gt":2}}', '{"id":{"_gt":4}}']);
  });

  test('stays complete when rows come and go between its pages', async () => {
    // Row 3 went after the first page, row 6 came: everything that stood all the time has been seen.
    const { client } = clientOver(page([1, 2], 5), page([4, 5], 3), page([6], 1));

    const listing = await client.listVersions();

    expect(listing).toMatchObject({ declaredTotal: 5, complete: true });
  });

  test('is not complete when rows are left that no page brings', async () => {
    const empty = clientOver(page([1, 2], 5), page([], 3));
    const repeating = clientOver(page([1, 2], 5));

    expect(await empty.client.listVersions()).toMatchObject({ complete: false, declaredTotal: 5 });
    expect(await repeating.client.listVersions()).toMatchObject({ complete: false, declaredTotal: 5 });
    expect(repeating.deps.seen).toHaveLength(2);
  });

  test('without its declared total is no listing', async () => {
    const { client } = clientOver(ok({ data: [{ id: 1 }] }));

    await expect(client.listVersions()).rejects.toBeInstanceOf(VendorAnswerInvalid);
  });

  test('that fails on a later page fails as a whole', async () => {
    const { client } = clientOver(page([1, 2], 5), answer(500));

    await expect(client.listVersions()).rejects.toBeInstanceOf(VendorUnavailable);
  });

  test('lets in only the fields that were asked for', async () => {
    const { client } = clientOver(ok({ meta: { filter_count: 1 }, data: [{ id: 1, title: 'Board', phone: '+1 555 0100' }] }));

    const { rows } = await client.listVersions({ fields: ['title'] });

    expect(rows).toEqual([{ id: 1, title: 'Board' }]);
  });

  test('a refusal that is not about the limit is thrown', async () => {
    const { client, deps } = clientOver(refused(403, { code: 'FORBIDDEN' }));

    await expect(client.listVersions()).rejects.toMatchObject({ code: 'E_VENDOR_REJECTED', reason: 'FORBIDDEN' });

    expect(deps.seen).toHaveLength(1);
  });
});

describe('reads by id', () => {
  test('a short list goes into the address, a long one into the body', async () => {
    const uuids = Array.from({ length: 100 }, (_, at) => `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`);
    const short = clientOver(page([7], 1));
    const long = clientOver(page(uuids, 100));

    await short.client.readItems([7], ['title']);
    await long.client.readItems(uuids, ['title']);

    expect(short.deps.seen[0]?.method).toBe('GET');
    expect(long.deps.seen[0]?.method).toBe('SEARCH');
    expect(JSON.parse(String(long.deps.seen[0]?.body))).toMatchObject({ query: { filter: { id: { _in: uuids } }, fields: ['id', 'title'], limit: 100 } });
  });

  test('a row that a cut page left out does not read as gone', async () => {
    const { client } = clientOver(page([1], 2), page([], 1));

    await expect(client.readItems([1, 2], [])).rejects.toBeInstanceOf(VendorAnswerInvalid);
  });

  test('nothing asked, nothing called', async () => {
    const { client, deps } = clientOver(page([], 0));

    expect(await client.readItems([], ['title'])).toEqual([]);
    expect(deps.seen).toHaveLength(0);
  });
});

describe('creates', () => {
  test.each([broken('ECONNRESET'), answer(503), answer(429), answer(502)])('are never sent twice, whatever comes back: %o', async (step) => {
    const { client, deps } = clientOver(step);

    await client.createItem({ title: 'Board' }, []).catch(() => undefined);
    await client.createItems([{ title: 'Board' }], []).catch(() => undefined);

    expect(deps.seen).toHaveLength(2);
  });

  test('a refusal carries its code, and all its faults without values', async () => {
    const { client } = clientOver(refused(400, { code: 'FAILED_VALIDATION', field: 'title' }, { code: 'FAILED_VALIDATION', field: 'start_date' }));

    const error = await client.createItem({}, []).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'E_VENDOR_REJECTED', status: 400, reason: 'FAILED_VALIDATION' });
    const faults = error instanceof VendorRejected ? faultsOf(error) : [];
    expect(faults.map(({ field }) => field)).toEqual(['title', 'start_date']);
    expect(String(error instanceof Error && error.cause)).not.toContain('Ada');
  });

  test('rows that came with their own ids are answered in their order', async () => {
    const { client } = clientOver(ok({ data: [{ id: 'a' }, { id: 'b' }] }));

    expect(await client.createItems([{ id: 'b' }, { id: 'a' }], [])).toEqual([{ id: 'b' }, { id: 'a' }]);
  });

  test('counted ids tell the order even if the answer is sorted otherwise', async () => {
    const { client } = clientOver(ok({ data: [{ id: 12 }, { id: 9 }] }));

    expect(await client.createItems([{ title: 'first' }, { title: 'second' }], [])).toEqual([{ id: 9 }, { id: 12 }]);
  });

  test.each([
    ['made-up ids without an order', [{ id: 'x' }, { id: 'a' }]],
    ['too few rows', [{ id: 1 }]],
  ])('no row is taken for another: %s', async (_what, data) => {
    const { client } = clientOver(ok({ data }));

    await expect(client.createItems([{ title: 'first' }, { title: 'second' }], [])).rejects.toBeInstanceOf(VendorAnswerInvalid);
  });

  test('a token that may create but not read is told so', async () => {
    const { client } = clientOver(answer(204));

    await expect(client.createItem({ title: 'Board' }, [])).rejects.toMatchObject({ code: 'E_ANSWER_INVALID', reason: 'NOT_READABLE' });
  });

  test('batches hold at most 100 rows and stay under the body limit', () => {
    const small = Array.from({ length: 250 }, () => ({ title: 'Board' }));
    const large = Array.from({ length: 4 }, () => ({ description: 'x'.repeat(300_000) }));

    expect(batchesOf(small).map((batch) => batch.length)).toEqual([100, 100, 50]);
    expect(batchesOf(large).map((batch) => batch.length)).toEqual([2, 2]);
    expect(batchesOf([])).toEqual([]);
  });
});

test('a lost answer to a conditional update is asked again, and then reads as stale', async () => {
  const { client, deps } = clientOver(broken('ECONNRESET'), ok({ data: [] }));

  const updated = await client.updateIfUnchanged({ id: 7, dateUpdated: null, data: { title: 'New' }, fields: [] });

  expect(updated).toBe('stale');
  expect(deps.seen).toHaveLength(2);
  expect(JSON.parse(String(deps.seen[0]?.body))).toEqual({
    query: { filter: { _and: [{ id: { _eq: 7 } }, { date_updated: { _null: true } }] } },
    data: { title: 'New' },
  });
});

test('403 on one item is "forbidden" when the listing is forbidden too', async () => {
  const { client } = clientOver(refused(403, { code: 'FORBIDDEN' }));

  await expect(client.deleteItem(7)).rejects.toMatchObject({ reason: 'FORBIDDEN', call: 'DELETE /items/events/{id}' });
});

test('a limit of the free tier is not mistaken for a missing item', async () => {
  const { client, deps } = clientOver(refused(403, { code: 'LIMIT_EXCEEDED' }));

  await expect(client.update(7, {}, [])).rejects.toMatchObject({ reason: 'LIMIT_EXCEEDED' });

  expect(deps.seen).toHaveLength(1);
});

test('a page from a proxy is not taken for a pong', async () => {
  const { client } = clientOver(answer(200, {}, '<h1>Welcome</h1>'));

  await expect(client.ping()).rejects.toBeInstanceOf(VendorAnswerInvalid);
});

test('the token travels in a header only', async () => {
  const { client, deps } = clientOver(ok({ data: { id: 'bot' } }));

  await client.whoAmI();

  expect(deps.seen[0]?.headers.get('authorization')).toBe('Bearer bot-token');
  expect(deps.seen[0]?.url).not.toContain('bot-token');
});

test('an empty token is a matter of configuration', () => {
  expect(() => directusClient(world(), { url: 'https://directus.example', token: ' ', collection: 'events' })).toThrow(ConfigurationInvalid);
});

test.each([
  [true, true],
  [1, true],
  ['1', true],
  ['true', true],
  [false, false],
  [0, false],
  ['0', false],
  ['false', false],
])('%j reads as %s', (wire, expected) => {
  expect(tolerantBoolean.parse(wire)).toBe(expected);
});

test.each(['maybe', 2, null, '', 'TRUE '])('%j is no boolean', (wire) => {
  expect(tolerantBoolean.safeParse(wire).success).toBe(false);
});
