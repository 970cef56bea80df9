import { describe, expect, test } from 'vitest';
import type { SkySettings } from '../../shared/simulators/sky-settings.ts';
import { connected, constituentRefusal } from './sky-caller.ts';

const base = '/constituent/v1/constituents';

/** A family that shares an email, and some others. */
function family(settings: Partial<SkySettings> = {}) {
  const sky = connected(settings);
  const home = { address: 'whitlock.home@example.org', type: 'Email' };
  const dana = sky.constituents.add({ first: 'Dana', middle: 'Rose', last: 'Whitlock', lookup_id: '11873', email: home, phone: { number: '(513) 555-0142', type: 'Home' } });
  sky.constituents.add({ first: 'Marcus', last: 'Whitlock', lookup_id: '11902', email: home });
  sky.constituents.add({ first: 'Zoë', last: 'Whitlok', preferred_name: 'Zo' });
  sky.constituents.add({ first: 'Ida', last: 'Guest', is_constituent: false, email: home });
  sky.constituents.add({ first: 'Otto', last: 'Moss', inactive: true });
  sky.constituents.addPart(dana.id, 'addresses', { type: 'Home', address_lines: '88 Mill Ln Apt 3', city: 'Mason', state: 'OH', postal_code: '45040' });
  sky.constituents.addPart(dana.id, 'emailaddresses', { address: 'dana.work@example.org', type: 'Work Email' });
  const search = async (query: string) => (await sky.list(`${base}/search?${query}`)).value;
  const names = async (query: string) => (await search(query)).map(({ name }) => name);
  return { sky, dana, search, names };
}

describe('search', () => {
  test('answers an object, not a list, and a hit is flat', async () => {
    const { sky, dana } = family();

    const answer = await sky.list(`${base}/search?search_text=Dana%20Whitlock&strict_search=true`);

    expect(answer).toMatchObject({ count: 1, next_link: null });
    expect(answer.value).toEqual([{
      id: dana.id,
      name: 'Dana R. Whitlock',
      lookup_id: '11873',
      email: 'whitlock.home@example.org',
      address: '88 Mill Ln Apt 3\r\nMason, OH  45040',
      deceased: false,
      inactive: false,
      fundraiser_status: 'None',
    }]);
  });

  test.each([
    { query: 'search_text=whitlock', names: ['Dana R. Whitlock', 'Marcus Whitlock', 'Zoë Whitlok'] },
    { query: 'search_text=whitlock&strict_search=true', names: ['Dana R. Whitlock', 'Marcus Whitlock'] },
    { query: 'search_text=zoe', names: ['Zoë Whitlok'] },
    { query: 'search_text=zo&strict_search=true', names: ['Zoë Whitlok'] },
    { query: 'search_text=11902', names: ['Marcus Whitlock'] },
    { query: 'search_text=11902&search_field=lookup_id', names: ['Marcus Whitlock'] },
    { query: 'search_text=5135550142', names: ['Dana R. Whitlock'] },
    { query: `search_text=${encodeURIComponent('(513) 555-0142')}`, names: [] },
    { query: 'search_text=Mill%20Ln', names: ['Dana R. Whitlock'] },
    { query: 'search_text=moss', names: [] },
    { query: 'search_text=moss&include_inactive=true', names: ['Otto Moss'] },
    { query: 'search_text=guest', names: [] },
    { query: 'search_text=guest&include_non_constituents=true', names: ['Ida Guest'] },
    { query: 'search_text=whitlock.home@example.org', names: ['Dana R. Whitlock', 'Marcus Whitlock', 'Ida Guest'] },
    { query: 'search_text=WHITLOCK.home@example.org&search_field=email_address&include_non_constituents=false', names: ['Dana R. Whitlock', 'Marcus Whitlock'] },
  ])('$query finds $names', async ({ query, names }) => {
    expect(await family().names(query)).toEqual(names);
  });

  test('a secondary address finds its holder, whose hit shows the primary one', async () => {
    const hits = await family().search('search_text=dana.work@example.org&search_field=email_address');

    expect(hits).toMatchObject([{ name: 'Dana R. Whitlock', email: 'whitlock.home@example.org' }]);
  });

  test('who has no address and no email shows it', async () => {
    const [hit] = await family().search('search_text=zo&strict_search=true');

    expect(hit).toMatchObject({ address: '' });
    expect(hit).not.toHaveProperty('email');
  });

  test('an alias finds its holder', async () => {
    const { sky, dana, names } = family();
    sky.constituents.addPart(dana.id, 'aliases', { name: 'SR-70411', type: 'ServiceReef' });

    expect(await names('search_text=SR-70411&strict_search=true')).toEqual(['Dana R. Whitlock']);
  });

  test('what is new may not be found for a while, though it can be read at once', async () => {
    const { sky, dana, names } = family({ searchDelaySeconds: 90 });
    sky.clock.advance(90_000);
    const id = await sky.post(base, { type: 'Individual', last: 'Newcomer', email: { address: 'new@example.org', type: 'Email' } });
    await sky.post('/constituent/v1/aliases', { constituent_id: dana.id, name: 'SR-1', type: 'ServiceReef' });
    await sky.post('/constituent/v1/emailaddresses', { constituent_id: dana.id, address: 'dana.new@example.org', type: 'Email' });
    await sky.post('/constituent/v1/phones', { constituent_id: dana.id, number: '(513) 555-0199', type: 'Mobile' });
    const asked = ['search_text=5135550199', 'search_text=Newcomer', 'search_text=new@example.org', 'search_text=dana.new@example.org', 'search_text=SR-1'];
    const before = [];
    for (const query of asked) before.push(await names(query));
    const read = await sky.get(`${base}/${id}`);
    sky.clock.advance(90_000);
    const after = [];
    for (const query of asked) after.push(await names(query));

    expect([before, read.status]).toEqual([[[], [], [], [], []], 200]);
    expect(after).toEqual([['Dana R. Whitlock'], ['Newcomer'], ['Newcomer'], ['Dana R. Whitlock'], ['Dana R. Whitlock']]);
  });

  test('pages by a link, which is followed as it is given', async () => {
    const { sky } = family();

    const first = await sky.list(`${base}/search?search_text=whitlock&limit=2`);
    const second = await sky.list(first.next_link ?? '');

    expect([first.count, first.value.length, second.value.length, second.next_link]).toEqual([3, 2, 1, null]);
    expect((await sky.list(`http://127.0.0.1:9000${base}/search?search_text=whitlock&limit=2`)).next_link).toContain('http://127.0.0.1:9000/');
  });

  test.each(['', 'search_text=%20', 'search_text=x&search_field=name', 'search_text=x&limit=5001'])('"%s" is 400', async (query) => {
    expect(constituentRefusal(await family().sky.get(`${base}/search?${query}`)).status).toBe(400);
  });
});

async function duplicates(query: string, prepare: (made: ReturnType<typeof family>) => void = () => undefined) {
  const made = family();
  prepare(made);
  return (await made.sky.list(`${base}/duplicatesearch?${query}`)).value;
}

describe('duplicate search', () => {
  test('combines name, email, phone and postal code, and says what fits', async () => {
    const rows = await duplicates('last_org_name=Whitlock&first_name=Dana&email=dana.work@example.org&phone=5135550142&post_code=45040');

    expect(rows).toMatchObject([{ name: 'Dana R. Whitlock', display_name: 'Whitlock, Dana', rank: 'Last name, First name, Email, Phone, Postal code', is_constituent: true }]);
  });

  test('the same last name and email is enough, though it may be the family', async () => {
    const rows = await duplicates('last_org_name=Whitlock&first_name=Theo&email=whitlock.home@example.org');

    expect(rows.map(({ name, rank }) => [name, rank])).toEqual([['Dana R. Whitlock', 'Last name, Email'], ['Marcus Whitlock', 'Last name, Email']]);
  });

  test('another last name is nobody, whatever else fits', async () => {
    expect(await duplicates('last_org_name=Miller&email=whitlock.home@example.org')).toEqual([]);
  });

  test('its constituent_id is the import id', async () => {
    const { sky, dana } = family();

    const [row] = (await sky.list(`${base}/duplicatesearch?last_org_name=Whitlock&first_name=Dana`)).value;

    expect(row).toMatchObject({ id: dana.id, constituent_id: dana.import_id });
  });

  test('three rows come unless more are asked for', async () => {
    const { sky } = family();
    for (const number of [1, 2, 3, 4]) sky.constituents.add({ first: `Kid ${number}`, last: 'Whitlock' });

    const few = await sky.list(`${base}/duplicatesearch?last_org_name=Whitlock`);
    const all = await sky.list(`${base}/duplicatesearch?last_org_name=Whitlock&limit=10`);

    expect([few.count, few.value.length, all.value.length]).toEqual([6, 3, 6]);
  });

  test('aliases count on demand, and without a last name nothing is searched', async () => {
    const named = ({ sky, dana }: ReturnType<typeof family>) => void sky.constituents.addPart(dana.id, 'aliases', { name: 'Hart', type: 'Maiden Name' });

    expect(await duplicates('last_org_name=Hart', named)).toEqual([]);
    expect(await duplicates('last_org_name=Hart&search_aliases=true', named)).toHaveLength(1);
    expect(constituentRefusal(await family().sky.get(`${base}/duplicatesearch?first_name=Dana`)).status).toBe(400);
  });
});
