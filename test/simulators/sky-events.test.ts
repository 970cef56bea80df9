import { describe, expect, test } from 'vitest';
import { connected, eventRefusal } from './sky-caller.ts';

const anEvent = { name: 'Monterrey Summer Team B', start_date: '2027-07-11' };
const namesOf = (rows: readonly Record<string, unknown>[]) => rows.map(({ name }) => name);

describe('create', () => {
  test('takes every field of the specification', async () => {
    const sky = connected();
    const category = sky.addCategory('Mission trip');
    const group = sky.addGroup('Abroad');

    const id = await sky.post('/event/v1/events', {
      ...anEvent, start_time: '09:00', end_date: '2027-07-18', end_time: '17:30', lookup_id: 'SR-31877', capacity: 24, goal: 900.5,
      category: { id: category.id }, group: { name: 'Abroad' }, inactive: false, description: 'Home repair.', campaign_id: '4',
    });

    expect(await sky.row(`/event/v1/events/${id}`)).toMatchObject({
      id, ...anEvent, start_time: '09:00', end_date: '2027-07-18', end_time: '17:30', lookup_id: 'SR-31877', capacity: 24, goal: 900.5,
      category: { id: category.id, name: 'Mission trip', inactive: false }, group: { id: group.id, name: 'Abroad', is_inactive: false },
      date_added: '2026-11-23T09:00:00.000+00:00',
    });
  });

  test.each([
    { what: 'no name', body: { start_date: '2027-07-11' }, message: 'The name field is required.' },
    { what: 'no start', body: { name: 'x' }, message: 'The start_date field is required.' },
    { what: 'a place', body: { ...anEvent, location: { name: 'Hall' } }, message: "'location'" },
    { what: 'an unknown property', body: { ...anEvent, eventAdd: true }, message: "'eventAdd'" },
    { what: 'an unknown property of a part', body: { ...anEvent, category: { id: '1', colour: 'red' } }, message: "'colour'" },
    { what: 'a null date', body: { ...anEvent, end_date: null }, message: 'The eventAdd field is required.' },
    { what: 'a wrong type', body: { ...anEvent, capacity: '24' }, message: 'The eventAdd field is required.' },
    { what: 'a timestamp for a date', body: { ...anEvent, start_date: '2027-07-11T09:00:00Z' }, message: 'start_date' },
    { what: 'a time with seconds', body: { ...anEvent, start_time: '09:00:00' }, message: 'start_time' },
    { what: "a category that another tenant has", body: { ...anEvent, category: { id: '512' } }, message: 'category' },
    { what: 'a name that is too long', body: { ...anEvent, name: 'x'.repeat(101) }, message: 'maximum length of 100' },
    { what: 'a description that is too long', body: { ...anEvent, description: 'x'.repeat(4001) }, message: 'maximum length of 4000' },
  ])('with $what is 400', async ({ body, message }) => {
    const sky = connected();

    const refusal = eventRefusal(await sky.ask('POST', '/event/v1/events', body));

    expect(refusal).toMatchObject({ status: 400, name: 'BadRequest' });
    expect(refusal.message).toContain(message);
    expect(sky.events.all()).toEqual([]);
  });

  test('two events may have one lookup id', async () => {
    const sky = connected();

    await sky.post('/event/v1/events', { ...anEvent, lookup_id: 'SR-1' });
    await sky.post('/event/v1/events', { ...anEvent, lookup_id: 'SR-1' });

    expect((await sky.list('/event/v1/eventlist?lookup_id=SR-1')).count).toBe(2);
  });
});

describe('edit', () => {
  test('leaves absent keys alone and takes a place, which the two versions show differently', async () => {
    const sky = connected();
    const { id } = sky.events.add({ ...anEvent, capacity: 24, description: 'Old' });
    sky.clock.advance(60_000);

    await sky.ask('PATCH', `/event/v1/events/${id}`, {
      description: 'New',
      location: { name: 'School', address_lines: 'Calle Roble 14', locality: 'Monterrey', administrative_area: 'NL', postal_code: '64000', country: 'Mexico' },
    });

    const first = await sky.row(`/event/v1/events/${id}`);
    const second = await sky.row(`/event/v2/events/${id}`);
    expect(first).toMatchObject({ name: anEvent.name, capacity: 24, description: 'New', date_modified: '2026-11-23T09:01:00.000+00:00' });
    expect(first['location']).toEqual({ name: 'School', address_lines: 'Calle Roble 14', postal_code: '64000', locality: { name: 'Monterrey' }, administrative_area: { name: 'NL' }, country: { name: 'Mexico' } });
    expect(second['location']).toMatchObject({ locality: 'Monterrey', administrative_area: 'NL', country: 'Mexico' });
  });

  test('null empties what may be empty, never the name, and no null is taken where set so', async () => {
    const sky = connected();
    const { id } = sky.events.add({ ...anEvent, capacity: 24 });
    const path = `/event/v1/events/${id}`;
    const name = await sky.ask('PATCH', path, { name: null });
    await sky.ask('PATCH', path, { capacity: null, category: null });
    sky.settings.nullsInPatch = 'refused';
    const refused = await sky.ask('PATCH', path, { capacity: null });

    expect([eventRefusal(name).status, eventRefusal(refused).status]).toEqual([400, 400]);
    expect(sky.events.get(id)).toMatchObject({ name: anEvent.name, capacity: null });
  });

  test('an unknown part of a place is refused', async () => {
    const sky = connected();
    const { id } = sky.events.add(anEvent);

    expect(eventRefusal(await sky.ask('PATCH', `/event/v1/events/${id}`, { location: { city: 'Monterrey' } })).message).toContain("'city'");
  });

  test('an inactive event leaves the list, unless one asks for it, and keeps its address', async () => {
    const sky = connected();
    const { id } = sky.events.add(anEvent);
    await sky.ask('PATCH', `/event/v1/events/${id}`, { inactive: true });

    expect((await sky.list('/event/v1/eventlist')).value).toEqual([]);
    expect((await sky.list('/event/v1/eventlist?include_inactive=true')).value).toMatchObject([{ id, inactive: true }]);
    expect(await sky.row(`/event/v1/events/${id}`)).toMatchObject({ inactive: true });
  });
});

describe('gone', () => {
  test('what staff deleted is 404 to read and to edit, with its roster', async () => {
    const sky = connected();
    const { id } = sky.events.add(anEvent);
    const { id: participantId } = sky.participants.add(id, { constituent_id: sky.constituents.add().id });
    sky.events.remove(id);

    for (const path of [`/event/v1/events/${id}`, `/event/v2/events/${id}`, `/event/v1/events/${id}/participants`, `/event/v1/participants/${participantId}`]) {
      expect(eventRefusal(await sky.get(path))).toMatchObject({ status: 404, name: 'ResourceNotFound' });
    }
    expect(eventRefusal(await sky.ask('PATCH', `/event/v1/events/${id}`, { name: 'y' })).status).toBe(404);
    expect(eventRefusal(await sky.ask('DELETE', `/event/v1/events/${id}`)).status).toBe(400);
  });

  test('an id that is none is 400', async () => {
    expect(eventRefusal(await connected().get('/event/v1/events/abc')).status).toBe(400);
  });
});

function filled() {
  const sky = connected();
  const category = sky.addCategory('Mission trip');
  sky.events.add({ name: 'Cedar', start_date: '2027-01-10', lookup_id: 'SR-1', category: { name: 'Mission trip' } });
  sky.clock.advance(60_000);
  sky.events.add({ name: 'Birch', start_date: '2027-02-10', lookup_id: 'SR-10' });
  sky.events.add({ name: 'Alder', start_date: '2027-03-10', lookup_id: 'SR-2' });
  return { sky, category };
}

describe('the list', () => {
  test.each([
    { query: 'lookup_id=SR-1', names: ['Cedar', 'Birch'] },
    { query: 'name=ir', names: ['Birch'] },
    { query: 'start_date_from=2027-02-10&start_date_to=2027-02-28', names: ['Birch'] },
    { query: `date_added=${encodeURIComponent('2026-11-23T04:00:30-05:00')}`, names: ['Birch', 'Alder'] },
    { query: 'sort=name', names: ['Alder', 'Birch', 'Cedar'] },
    { query: 'sort=-start_date', names: ['Alder', 'Birch', 'Cedar'] },
    { query: 'limit=1&offset=1', names: ['Birch'] },
  ])('$query brings $names', async ({ query, names }) => {
    expect(namesOf((await filled().sky.list(`/event/v1/eventlist?${query}`)).value)).toEqual(names);
  });

  test('a lookup id may mean that text or a part of it', async () => {
    const { sky } = filled();
    sky.settings.eventListMatch = 'equals';

    expect(namesOf((await sky.list('/event/v1/eventlist?lookup_id=SR-1')).value)).toEqual(['Cedar']);
  });

  test('counts all rows, pages without a link, and selects by the id of a category', async () => {
    const { sky, category } = filled();

    const page = await sky.list('/event/v1/eventlist?limit=2');

    expect([page.count, page.value.length, 'next_link' in page]).toEqual([3, 2, false]);
    expect(namesOf((await sky.list(`/event/v1/eventlist?category=${category.id}`)).value)).toEqual(['Cedar']);
  });

  test('a row tells how many come, and fields choose what a row holds', async () => {
    const { sky } = filled();
    const [event] = sky.events.all();
    for (const rsvp of ['Attending', 'Attending', 'Canceled'] as const) {
      sky.participants.add(event?.id ?? '', { constituent_id: sky.constituents.add().id, rsvp_status: rsvp, invitation_status: 'Invited' });
    }

    expect((await sky.list('/event/v1/eventlist?name=Cedar')).value[0]).toMatchObject({ attending_count: 2, invited_count: 3, attended_count: 0 });
    expect((await sky.list('/event/v1/eventlist?name=Cedar&fields=id,name')).value[0]).toEqual({ id: event?.id, name: 'Cedar' });
  });

  test.each(['limit=0', 'limit=10001', 'limit=all', 'offset=-1', 'last_modified=yesterday'])('%s is 400', async (query) => {
    expect(eventRefusal(await filled().sky.get(`/event/v1/eventlist?${query}`)).status).toBe(400);
  });
});

describe('tables of the tenant', () => {
  test('categories are listed and added; inactive ones only on demand', async () => {
    const sky = connected();
    const old = sky.addCategory('Gala');
    sky.setCategoryInactive(old.id, true);
    const id = await sky.post('/event/v1/eventcategories', { name: 'Mission trip' });

    expect((await sky.list('/event/v1/eventcategories')).value).toEqual([{ id, name: 'Mission trip', inactive: false }]);
    expect((await sky.list('/event/v1/eventcategories?include_inactive=true')).count).toBe(2);
  });

  test('groups and levels are listed', async () => {
    const sky = connected();
    const group = sky.addGroup('Abroad');
    const level = sky.addLevel('Leader');

    expect((await sky.list('/event/v1/eventgroups')).value).toEqual([{ id: group.id, name: 'Abroad', is_inactive: false }]);
    expect((await sky.list('/event/v1/participationlevels')).value).toEqual([{ id: level.id, name: 'Leader', is_inactive: false }]);
  });
});
