import { describe, expect, test } from 'vitest';
import { connected, constituentRefusal } from './sky-caller.ts';

const path = '/constituent/v1/constituents';
const theo = { type: 'Individual', first: 'Theo', last: 'Whitlock' };

describe('create', () => {
  test('takes the sub-objects of the specification, and the record shows the main ones', async () => {
    const sky = connected();

    const id = await sky.post(path, {
      ...theo,
      middle: 'James',
      import_id: 'SR-70412',
      birthdate: { y: 2011, m: 3 },
      email: { address: 'whitlock.home@example.org', type: 'Email', primary: true },
      phone: { number: '(513) 555-0142', type: 'Mobile' },
      address: { type: 'Home', address_lines: '88 Mill Ln', city: 'Mason', state: 'OH', postal_code: '45040', country: 'United States' },
    });

    expect(await sky.row(`${path}/${id}`)).toMatchObject({
      id,
      type: 'Individual',
      name: 'Theo J. Whitlock',
      first: 'Theo',
      last: 'Whitlock',
      import_id: 'SR-70412',
      birthdate: { y: 2011, m: 3 },
      is_constituent: true,
      deceased: false,
      inactive: false,
      email: { address: 'whitlock.home@example.org', type: 'Email', primary: true, do_not_email: false, inactive: false },
      phone: { number: '(513) 555-0142', type: 'Mobile', primary: true },
      address: { city: 'Mason', preferred: true },
    });
  });

  test('numbers who has no number, and leaves out what is not known', async () => {
    const sky = connected();

    const row = await sky.row(`${path}/${await sky.post(path, theo)}`);

    expect(row['lookup_id']).toMatch(/^\d+$/);
    expect(row['import_id']).toBeTruthy();
    for (const name of ['email', 'phone', 'address', 'birthdate', 'spouse', 'middle']) expect(row).not.toHaveProperty(name);
  });

  test.each([
    { what: 'no type', body: { last: 'x' }, message: 'type' },
    { what: 'no last name', body: { type: 'Individual', first: 'Theo' }, message: 'The last field is required.' },
    { what: 'a flat email', body: { ...theo, email: 'x@example.org' }, message: 'appropriate format' },
    { what: 'an email without its type', body: { ...theo, email: { address: 'x@example.org' } }, message: 'The email.type field is required.' },
    { what: 'an email type of another tenant', body: { ...theo, email: { address: 'x@example.org', type: 'Home' } }, message: "'Home'" },
    { what: 'a phone type of another tenant', body: { ...theo, phone: { number: '5', type: 'Satellite' } }, message: "'Satellite'" },
    { what: 'an address type of another tenant', body: { ...theo, address: { type: 'Moon' } }, message: "'Moon'" },
    { what: 'a birth date that is a text', body: { ...theo, birthdate: '2011-03-04' }, message: 'appropriate format' },
    { what: 'a first name that is too long', body: { ...theo, first: 'x'.repeat(51) }, message: 'first' },
    { what: 'a postal code that is too long', body: { ...theo, address: { type: 'Home', postal_code: '1234567890123' } }, message: 'postal_code' },
    { what: 'an import id that is too long', body: { ...theo, import_id: 'x'.repeat(21) }, message: 'import_id' },
    { what: 'a title that the tenant has not', body: { ...theo, title: 'Captain' }, message: "'Captain'" },
  ])('with $what is 400', async ({ body, message }) => {
    const sky = connected();

    const refusal = constituentRefusal(await sky.ask('POST', path, body));

    expect(refusal).toMatchObject({ status: 400, name: 'BadRequest' });
    expect(refusal.message).toContain(message);
    expect(sky.constituents.all()).toEqual([]);
  });

  test('unknown properties are left out without a word, or refused where set so', async () => {
    const sky = connected();
    const wrong = { ...theo, first_name: 'Theo', address: { type: 'Home', street1: '88 Mill Ln', zip: '45040' } };
    const id = await sky.post(path, wrong);
    sky.settings.unknownConstituentFields = 'refused';
    const refused = await sky.ask('POST', path, wrong);

    const kept = sky.constituents.get(id);
    expect(kept).not.toHaveProperty('first_name');
    expect(kept?.addresses[0]).not.toHaveProperty('zip');
    expect(constituentRefusal(refused).status).toBe(400);
  });

  test.each(['lookup_id', 'import_id'])('a %s that is taken is refused, or accepted where set so', async (name) => {
    const sky = connected();
    await sky.post(path, { ...theo, [name]: 'SR-1' });
    const refused = await sky.ask('POST', path, { ...theo, [name]: 'SR-1' });
    sky.settings.repeatedIds = 'accepted';

    expect(constituentRefusal(refused).status).toBe(400);
    expect((await sky.ask('POST', path, { ...theo, [name]: 'SR-1' })).status).toBe(200);
  });

  test('an organisation has a name and no last name', async () => {
    const sky = connected();

    expect(constituentRefusal(await sky.ask('POST', path, { type: 'Organization' })).status).toBe(400);
    expect(await sky.row(`${path}/${await sky.post(path, { type: 'Organization', name: 'Open Door' })}`)).toMatchObject({ name: 'Open Door' });
  });
});

describe('edit', () => {
  test('uses the same names and leaves absent keys alone', async () => {
    const sky = connected();
    const { id } = sky.constituents.add({ first: 'Theo', last: 'Whitlock' });
    sky.clock.advance(1000);

    const answer = await sky.ask('PATCH', `${path}/${id}`, { preferred_name: 'Teddy', lookup_id: '77' });

    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(await sky.row(`${path}/${id}`)).toMatchObject({ first: 'Theo', preferred_name: 'Teddy', lookup_id: '77', date_modified: '2026-11-23T09:00:01.000+00:00' });
  });

  test('the names of an old client, email and import id change nothing and still answer 200', async () => {
    const sky = connected();
    const { id } = sky.constituents.add({ first: 'Theo', last: 'Whitlock', import_id: 'SR-1' });

    const answer = await sky.ask('PATCH', `${path}/${id}`, { first_name: 'Tom', last_name: 'Moss', email: { address: 'x@example.org' }, import_id: 'SR-2' });

    expect(answer.status).toBe(200);
    expect(sky.constituents.get(id)).toMatchObject({ first: 'Theo', last: 'Whitlock', import_id: 'SR-1', emailaddresses: [] });
  });

  test('null empties a name that may be empty; a birth date as a text is refused', async () => {
    const sky = connected();
    const { id } = sky.constituents.add({ middle: 'James' });

    await sky.ask('PATCH', `${path}/${id}`, { middle: null });

    expect(await sky.row(`${path}/${id}`)).not.toHaveProperty('middle');
    expect(constituentRefusal(await sky.ask('PATCH', `${path}/${id}`, { last: null })).status).toBe(400);
    expect(constituentRefusal(await sky.ask('PATCH', `${path}/${id}`, { birthdate: '2011-03-04' })).status).toBe(400);
  });
});

describe('people who are gone, and others', () => {
  test('what was deleted is 404 to read and edit, and its participants stay without a person', async () => {
    const sky = connected();
    const { id } = sky.constituents.add();
    const event = sky.events.add();
    sky.participants.add(event.id, { constituent_id: id });

    sky.constituents.remove(id);

    expect(constituentRefusal(await sky.get(`${path}/${id}`))).toMatchObject({ status: 404, name: 'ResourceNotFound' });
    expect(constituentRefusal(await sky.ask('PATCH', `${path}/${id}`, { first: 'x' })).status).toBe(404);
    expect((await sky.list(`/event/v1/events/${event.id}/participants`)).value).toMatchObject([{ contact_id: id, is_constituent: false }]);
  });

  test('or they go with the person', async () => {
    const sky = connected({ deletedLeaves: 'nothing' });
    const { id } = sky.constituents.add();
    const event = sky.events.add();
    sky.participants.add(event.id, { constituent_id: id });

    sky.constituents.remove(id);

    expect(sky.participants.all()).toEqual([]);
  });

  test('a merge leaves one id: it has the emails, aliases and events of both', async () => {
    const sky = connected();
    const kept = sky.constituents.add({ email: { address: 'kept@example.org', type: 'Email' } });
    const gone = sky.constituents.add({ email: { address: 'gone@example.org', type: 'Email' } });
    sky.constituents.addPart(gone.id, 'aliases', { name: 'SR-1', type: 'ServiceReef' });
    const [both, one] = [sky.events.add(), sky.events.add()];
    const stays = sky.participants.add(both.id, { constituent_id: kept.id });
    sky.participants.add(both.id, { constituent_id: gone.id });
    const moves = sky.participants.add(one.id, { constituent_id: gone.id });

    sky.constituents.merge({ keptId: kept.id, goneId: gone.id });

    expect((await sky.get(`${path}/${gone.id}`)).status).toBe(404);
    expect((await sky.list(`${path}/${kept.id}/emailaddresses`)).value).toMatchObject([{ address: 'kept@example.org', primary: true }, { address: 'gone@example.org', primary: false }]);
    expect((await sky.list(`${path}/${kept.id}/aliases`)).value).toMatchObject([{ name: 'SR-1' }]);
    expect(sky.participants.all().map(({ id, constituent_id: person }) => [id, person])).toEqual([[stays.id, kept.id], [moves.id, kept.id]]);
  });

  test('deceased, inactive and married people say so', async () => {
    const sky = connected();
    const { id } = sky.constituents.add({ first: 'Dana', last: 'Whitlock' });
    const spouse = sky.constituents.add({ first: 'Marcus', last: 'Whitlock' });
    sky.constituents.edit(id, { deceased: true, inactive: true });
    sky.constituents.marry([id, spouse.id]);

    expect(await sky.row(`${path}/${id}`)).toMatchObject({ deceased: true, inactive: true, spouse: { id: spouse.id, first: 'Marcus', last: 'Whitlock' } });
  });

  test('a guest record becomes a constituent once', async () => {
    const sky = connected();
    const { id } = sky.constituents.add({ is_constituent: false });

    const first = await sky.post(`${path}/convert/${id}`, {});
    const again = await sky.ask('POST', `${path}/convert/${id}`, {});

    expect([first, sky.constituents.get(id)?.is_constituent]).toEqual([id, true]);
    expect(constituentRefusal(again).status).toBe(400);
  });

  test('an id that is none is 400', async () => {
    expect(constituentRefusal(await connected().get(`${path}/abc`)).status).toBe(400);
  });

  test('hands keep the rules of NXT', () => {
    const sky = connected();

    expect(() => sky.constituents.add({ email: { address: 'x', type: 'Home' } })).toThrow("'Home'");
    expect(() => sky.constituents.edit('99', {})).toThrow('could not be found');
  });
});
