import { describe, expect, test } from 'vitest';
import type { SkySettings } from '../../shared/simulators/sky-settings.ts';
import { connected, constituentRefusal } from './sky-caller.ts';

const base = '/constituent/v1';
const halfHourMs = 1_800_000;

/** One donor with one email address. */
function withDonor(settings: Partial<SkySettings> = {}) {
  const sky = connected(settings);
  const { id } = sky.constituents.add({ email: { address: 'first@example.org', type: 'Email' } });
  const listOf = async (kind: string, query = '') => (await sky.list(`${base}/constituents/${id}/${kind}${query}`)).value;
  return { sky, id, listOf };
}

describe('what hangs on one person', () => {
  test.each([
    { kind: 'emailaddresses', body: { address: 'second@example.org', type: 'Email' }, change: { do_not_email: true } },
    { kind: 'phones', body: { number: '(513) 555-0142', type: 'Mobile' }, change: { number: '513 555 0190' } },
    { kind: 'addresses', body: { type: 'Home', city: 'Mason', postal_code: '45040' }, change: { city: 'Dayton' } },
    { kind: 'aliases', body: { name: 'SR-70411', type: 'ServiceReef' }, change: { name: 'SR-70500' } },
    { kind: 'constituentcodes', body: { description: 'Volunteer', start: { y: 2026 } }, change: { description: 'Friend' } },
  ])('$kind are added, edited and deleted', async ({ kind, body, change }) => {
    const { sky, id, listOf } = withDonor();
    const before = await listOf(kind);

    const rowId = await sky.post(`${base}/${kind}`, { constituent_id: id, ...body });
    const added = (await listOf(kind)).at(-1);
    const edited = await sky.ask('PATCH', `${base}/${kind}/${rowId}`, change);
    const after = (await listOf(kind)).at(-1);

    expect(added).toMatchObject({ id: rowId, constituent_id: id, ...body });
    expect([edited.status, edited.text]).toEqual([200, '']);
    expect(after).toMatchObject({ ...body, ...change });
    if (kind === 'addresses') return; // the first one is the preferred one
    expect((await sky.ask('DELETE', `${base}/${kind}/${rowId}`)).status).toBe(200);
    expect(await listOf(kind)).toEqual(before);
  });

  test('custom fields are written under the constituent that parent_id names', async () => {
    const { sky, id, listOf } = withDonor();

    const rowId = await sky.post(`${base}/constituents/customfields`, { parent_id: id, category: 'ServiceReef', value: '70411', comment: 'trip' });
    const orphan = await sky.ask('POST', `${base}/constituents/customfields`, { category: 'ServiceReef', value: '70411' });
    const long = await sky.ask('PATCH', `${base}/constituents/customfields/${rowId}`, { comment: 'x'.repeat(51) });

    expect(await listOf('customfields')).toMatchObject([{ id: rowId, parent_id: id, category: 'ServiceReef', value: '70411' }]);
    expect([constituentRefusal(orphan).status, constituentRefusal(long).status]).toEqual([400, 400]);
  });

  test.each([
    { kind: 'emailaddresses', body: { address: 'x@example.org' }, why: 'The type field is required.' },
    { kind: 'emailaddresses', body: { address: 'x@example.org', type: 'Home' }, why: "'Home'" },
    { kind: 'phones', body: { number: '5', type: 'Satellite' }, why: "'Satellite'" },
    { kind: 'aliases', body: { name: 'SR-1', type: 'Nickname' }, why: "'Nickname'" },
    { kind: 'aliases', body: { name: 'x'.repeat(101), type: 'Alias' }, why: 'name' },
    { kind: 'constituentcodes', body: { description: 'Pirate' }, why: "'Pirate'" },
    { kind: 'addresses', body: { type: 'Home', address_lines: 'x'.repeat(151) }, why: 'address_lines' },
  ])('$kind with $body are refused', async ({ kind, body, why }) => {
    const { sky, id } = withDonor();

    const refusal = constituentRefusal(await sky.ask('POST', `${base}/${kind}`, { constituent_id: id, ...body }));

    expect(refusal.status).toBe(400);
    expect(refusal.message).toContain(why);
  });

  test('a new primary takes the flag from the old one; a plain one does not', async () => {
    const { sky, id, listOf } = withDonor();
    await sky.post(`${base}/emailaddresses`, { constituent_id: id, address: 'plain@example.org', type: 'Email' });
    const before = (await listOf('emailaddresses')).map(({ primary }) => primary);
    await sky.post(`${base}/emailaddresses`, { constituent_id: id, address: 'new@example.org', type: 'Email', primary: true });

    expect(before).toEqual([true, false]);
    expect((await listOf('emailaddresses')).map(({ primary }) => primary)).toEqual([false, false, true]);
    expect((await sky.row(`${base}/constituents/${id}`))['email']).toMatchObject({ address: 'new@example.org' });
  });

  test('the preferred address cannot be deleted', async () => {
    const { sky, id, listOf } = withDonor();
    const rowId = await sky.post(`${base}/addresses`, { constituent_id: id, type: 'Home', city: 'Mason' });

    expect(constituentRefusal(await sky.ask('DELETE', `${base}/addresses/${rowId}`)).message).toContain('preferred');
    expect(await listOf('addresses')).toHaveLength(1);
  });

  test('inactive rows are shown on demand', async () => {
    const { sky, id, listOf } = withDonor();
    await sky.post(`${base}/emailaddresses`, { constituent_id: id, address: 'old@example.org', type: 'Email', inactive: true });

    expect([(await listOf('emailaddresses')).length, (await listOf('emailaddresses', '?include_inactive=true')).length]).toEqual([1, 2]);
  });

  test('people and rows that are not there are 404', async () => {
    const { sky } = withDonor();

    for (const [method, path, body] of [
      ['GET', `${base}/constituents/99/aliases`, undefined],
      ['POST', `${base}/aliases`, { constituent_id: '99', name: 'SR-1', type: 'Alias' }],
      ['PATCH', `${base}/aliases/99`, { name: 'SR-1' }],
      ['DELETE', `${base}/aliases/99`, undefined],
    ] as const) {
      expect(constituentRefusal(await sky.ask(method, path, body)).status).toBe(404);
    }
  });
});

describe('tables of the tenant', () => {
  test.each(['emailaddresstypes', 'phonetypes', 'addresstypes', 'aliastypes'] as const)('%s are plain texts', async (table) => {
    const sky = connected();

    const answer = await sky.get(`${base}/${table}`);

    expect(JSON.parse(answer.text)).toEqual({ count: sky.settings.tables[table].length, value: sky.settings.tables[table] });
  });

  test('what is taken out of a table is refused from then on', async () => {
    const { sky, id } = withDonor();
    sky.settings.tables.aliastypes = ['Alias'];

    expect((await sky.ask('POST', `${base}/aliases`, { constituent_id: id, name: 'SR-1', type: 'ServiceReef' })).status).toBe(400);
  });
});

describe('lists over all people', () => {
  test('show a write only after the next load, and call the time of that load its change', async () => {
    const { sky, id } = withDonor();
    const before = await sky.list(`${base}/emailaddresses`);
    const single = await sky.list(`${base}/constituents/${id}/emailaddresses`);
    sky.clock.advance(halfHourMs);
    const after = await sky.list(`${base}/emailaddresses`);

    expect([before.count, single.count]).toEqual([0, 1]);
    expect(after.value).toMatchObject([{ constituent_id: id, address: 'first@example.org', date_modified: '2026-11-23T09:30:00.000+00:00' }]);
  });

  test('go on showing what was changed and deleted meanwhile', async () => {
    const { sky, id } = withDonor({ accessTokenSeconds: 100_000 });
    sky.clock.advance(halfHourMs);
    sky.constituents.remove(id);

    const kept = await sky.list(`${base}/emailaddresses`);
    sky.clock.advance(halfHourMs);

    expect([kept.count, (await sky.list(`${base}/emailaddresses`)).count]).toEqual([1, 0]);
  });

  test('find the holders of a custom value', async () => {
    const { sky, id } = withDonor();
    const other = sky.constituents.add();
    for (const [parentId, value] of [[id, '70411'], [other.id, '70412']]) await sky.post(`${base}/constituents/customfields`, { parent_id: parentId, category: 'ServiceReef', value });
    sky.clock.advance(halfHourMs);

    expect((await sky.list(`${base}/constituents/customfields?category=ServiceReef&value=70411`)).value).toMatchObject([{ parent_id: id }]);
  });

  test('page by a link that holds a sort token, and lose nothing when rows come and go meanwhile', async () => {
    const sky = connected({ listLoadSeconds: 0 });
    const { id } = sky.constituents.add();
    const rowIds = [0, 1, 2, 3, 4].map((number) => sky.constituents.addPart(id, 'phones', { number: `555010${number}`, type: 'Home' }));
    const first = await sky.list(`${base}/phones?limit=2`);
    sky.constituents.removePart(id, 'phones', rowIds[0] ?? '');
    const second = await sky.list(first.next_link ?? '');
    const third = await sky.list(second.next_link ?? '');

    expect(new URL(first.next_link ?? '').searchParams.has('sort_token')).toBe(true);
    expect([first, second, third].flatMap(({ value }) => value.map(({ number }) => number))).toEqual(['5550100', '5550101', '5550102', '5550103', '5550104']);
    expect(third.next_link).toBeNull();
  });

  test('a sort token that nobody gave out is 400', async () => {
    expect(constituentRefusal(await connected().get(`${base}/phones?sort_token=x`)).status).toBe(400);
  });
});
