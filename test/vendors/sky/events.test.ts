/** Events of NXT: how they are found, which keys are sent, what a place needs. */
import { describe, expect, test } from 'vitest';
import { ok } from '../../http/stubs.ts';
import { empty, made, page, skyOver } from './stub.ts';

const row = (id: number, more: Readonly<Record<string, unknown>> = {}) => ({ id: String(id), lookup_id: `SR-${id}`, name: `Trip ${id}`, start_date: '2026-07-11', ...more });

describe('finding', () => {
  test('by lookup id takes only what is called exactly so', async () => {
    // Whether the vendor's filter means equal or contains is not said.
    const over = skyOver([page([row(1, { lookup_id: 'SR-31877' }), row(2, { lookup_id: 'SR-318770' }), row(3, { lookup_id: 'sr-31877' }), row(4, { lookup_id: null })])]);

    const { rows } = await over.client.events.list({ lookupId: 'SR-31877' });

    expect(rows.map(({ id }) => id)).toEqual(['1']);
    expect(over.asked()).toEqual(['GET /event/v1/eventlist?include_inactive=true&lookup_id=SR-31877&limit=10000&offset=0']);
  });

  test('by name takes only what is called exactly so, and tells it when two are', async () => {
    const over = skyOver([page([row(1, { name: 'Serve Day' }), row(2, { name: 'Serve Day 2' }), row(3, { name: ' Serve Day ' })])]);

    expect((await over.client.events.list({ name: ' Serve Day' })).rows.map(({ id }) => id)).toEqual(['1', '3']);
    expect(over.asked()).toEqual(['GET /event/v1/eventlist?include_inactive=true&name=Serve+Day&limit=10000&offset=0']);
  });

  test('what has no name is not looked for, because that would list everything', async () => {
    const { client, deps } = skyOver([]);

    expect((await client.events.list({ lookupId: ' ' })).rows).toEqual([]);
    expect((await client.events.list({ name: '' })).rows).toEqual([]);
    expect(deps.seen).toEqual([]);
  });

  test('reads all pages, by what came and not by what was asked', async () => {
    const over = skyOver([page([row(1), row(2)], 5), page([row(3), row(4)], 5), page([row(5)], 5)], { pageSize: 4 });

    const { rows, proof } = await over.client.events.list();

    expect(rows.map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5']);
    expect(proof).toEqual({ total: 5, distinct: 5, unnamed: 0, isComplete: true });
    expect(over.deps.seen.map(({ url }) => new URL(url).searchParams.get('offset'))).toEqual(['0', '2', '4']);
  });

  test.each([
    ['that stands twice, while another is hidden', page([row(2), row(3)], 4), 3],
    ['that vanished', page([], 4), 2],
  ])('a row %s leaves the reading incomplete', async (_what, second, distinct) => {
    const over = skyOver([page([row(1), row(2)], 4), second]);

    expect((await over.client.events.list()).proof).toMatchObject({ total: 4, distinct, isComplete: false });
  });

  test('a strange value elsewhere does not hide an event that is ours', async () => {
    const over = skyOver([page([row(1, { start_date: 'soon', start_time: '2026-02-02', capacity: 'many', category: 'x', inactive: 'no' })])]);

    expect((await over.client.events.list({ lookupId: 'SR-1' })).rows).toMatchObject([{ id: '1', lookupId: 'SR-1', startDate: undefined, startTime: undefined, capacity: undefined, categoryId: undefined, inactive: undefined }]);
  });

  test('a row that cannot be known is told', async () => {
    const over = skyOver([page([row(1), { name: 'x' }, row(2, { lookup_id: { id: 1 } })])]);

    const { rows, rejected, proof } = await over.client.events.list();

    expect(rows.map(({ id }) => id)).toEqual(['1']);
    expect(rejected).toEqual([{ id: undefined, field: 'id', reason: 'MISSING' }, { id: '2', field: 'lookup_id', reason: 'UNREADABLE' }]);
    expect(proof.isComplete).toBe(false);
  });

  test('a list without a count is none', async () => {
    await expect(skyOver([ok({ value: [] })]).client.events.list()).rejects.toMatchObject({ code: 'E_ANSWER_INVALID' });
  });
});

describe('one event', () => {
  const v1Place = {
    name: 'Centro', address_lines: 'Calle Roble 14', postal_code: '64000', locality: { id: '413', name: 'Monterrey' }, administrative_area: { id: '607', name: 'Nuevo León', short_description: 'NL' },
    country: { id: '540', display_name: 'Mexico', iso_alpha2_code: 'MX' }, phone: '', contact: null, notes: 'Gate 2',
  };
  const v2Place = { ...v1Place, locality: 'Monterrey', administrative_area: 'NL', country: 'MX' };
  const place = { name: 'Centro', addressLines: 'Calle Roble 14', postalCode: '64000', city: 'Monterrey', state: 'NL', country: 'MX', phone: undefined, contact: undefined, notes: 'Gate 2' };

  test.each([['v1', v1Place], ['v2', v2Place]] as const)('in %s has its place in the words that a write would use', async (eventVersion, location) => {
    const over = skyOver([ok({ ...row(7), description: 'Day camp.', start_time: '09:00:00', end_date: '2026-07-18T00:00:00', end_time: '17:30', goal: 20000, category: { id: '512', name: 'Trips' }, location, inactive: false, unknown: 1 })], { eventVersion });

    const found = await over.client.events.get('7');

    expect(found).toEqual({
      kind: 'found',
      row: {
        id: '7', lookupId: 'SR-7', name: 'Trip 7', description: 'Day camp.', startDate: '2026-07-11', startTime: '09:00', endDate: '2026-07-18', endTime: '17:30', capacity: undefined, goal: 20000,
        inactive: false, categoryId: '512', dateModified: undefined, location: place,
      },
    });
    expect(over.asked()).toEqual([`GET /event/${eventVersion}/events/7`]);
  });

  test.each([null, undefined, {}, { name: '', locality: null, country: {} }])('without a place: %j', async (location) => {
    expect(await skyOver([ok({ ...row(7), location })]).client.events.get('7')).toMatchObject({ kind: 'found', row: { location: undefined } });
  });
});

describe('writing', () => {
  const whole = {
    name: 'Monterrey Summer Team B', startDate: '2026-07-11', startTime: '09:00', endDate: '2026-07-18', endTime: '17:30', lookupId: 'SR-31877', description: 'Day camp.', capacity: 24, goal: 20000, categoryId: '512', inactive: false,
  };

  test('a create sends the listed keys, and nothing else even if it is given', async () => {
    const over = skyOver([made('7')]);
    const withMore = { ...whole, location: { name: 'Centro' }, eventAdd: true, startsAt: 5 };

    expect(await over.client.events.create(withMore)).toEqual({ kind: 'done', id: '7' });

    expect(over.sent()).toEqual([
      {
        name: 'Monterrey Summer Team B', start_date: '2026-07-11', start_time: '09:00', end_date: '2026-07-18', end_time: '17:30', lookup_id: 'SR-31877', description: 'Day camp.', capacity: 24, goal: 20000,
        category: { id: '512' }, inactive: false,
      },
    ]);
    expect(over.asked()).toEqual(['POST /event/v1/events']);
  });

  test('a create never sends null, nor what is blank', async () => {
    const over = skyOver([made('7')]);

    await over.client.events.create({ name: 'Trip', startDate: '2026-07-11', endDate: null, description: '', capacity: null, categoryId: '' });

    expect(over.sent()).toEqual([{ name: 'Trip', start_date: '2026-07-11' }]);
  });

  test('a change sends what is given, and null where something is to be cleared', async () => {
    const over = skyOver([empty]);

    await over.client.events.patch('7', { endTime: null, inactive: true, capacity: undefined });

    expect(over.sent()).toEqual([{ end_time: null, inactive: true }]);
    expect(over.asked()).toEqual(['PATCH /event/v1/events/7']);
  });

  test('a place is a call of its own, under the vendor\'s names', async () => {
    const over = skyOver([empty]);

    await over.client.events.setLocation('7', { name: 'Centro', addressLines: 'Calle Roble 14', city: 'Monterrey', state: 'NL', postalCode: '64000', country: 'MX', phone: '', contact: 'Ines', notes: undefined });

    expect(over.sent()).toEqual([{ location: { name: 'Centro', address_lines: 'Calle Roble 14', locality: 'Monterrey', administrative_area: 'NL', postal_code: '64000', country: 'MX', contact: 'Ines' } }]);
    expect(over.asked()).toEqual(['PATCH /event/v1/events/7']);
  });
});
