/** People of NXT: searches, records, creates that invent nothing, and what hangs on a record. */
import { describe, expect, test } from 'vitest';
import { ItemInvalid } from '../../../shared/base/errors.ts';
import { ok } from '../../http/stubs.ts';
import { empty, made, page, skyOver } from './stub.ts';

describe('a search', () => {
  const hits = [
    { id: '20418', name: 'Dana R. Whitlock', lookup_id: '11873', email: 'whitlock.home@example.net', address: '88 Mill Ln', fundraiser_status: 'None' },
    { id: '20511', name: 'Marcus Whitlock', lookup_id: '11902', deceased: true, inactive: true },
  ];

  test('finds all who have the address, each hit with its e-mail as a text', async () => {
    // An old client expected a list and an object with the address in it, and never found anybody.
    const over = skyOver([page(hits, 2, null)]);

    const { rows, proof } = await over.client.constituents.search({ text: ' whitlock.home@example.net ', field: 'email_address' });

    expect(rows).toEqual([
      { id: '20418', name: 'Dana R. Whitlock', lookupId: '11873', email: 'whitlock.home@example.net', deceased: undefined, inactive: undefined },
      { id: '20511', name: 'Marcus Whitlock', lookupId: '11902', email: undefined, deceased: true, inactive: true },
    ]);
    expect(proof.isComplete).toBe(true);
    expect(over.asked()).toEqual([
      'GET /constituent/v1/constituents/search?search_text=whitlock.home@example.net&search_field=email_address&strict_search=true&include_inactive=true&include_non_constituents=true',
    ]);
  });

  test('can be wider', async () => {
    const over = skyOver([page([])]);

    await over.client.constituents.search({ text: 'Whitlock', strict: false, includeInactive: false, includeNonConstituents: false });

    expect(over.asked()).toEqual(['GET /constituent/v1/constituents/search?search_text=Whitlock&strict_search=false&include_inactive=false&include_non_constituents=false']);
  });

  test('for nothing finds nobody, without a call', async () => {
    const { client, deps } = skyOver([]);

    expect((await client.constituents.search({ text: ' ' })).rows).toEqual([]);
    expect((await client.constituents.findDuplicates({ last: '' })).rows).toEqual([]);
    expect(deps.seen).toEqual([]);
  });

  test('a hit that cannot be read is told: it may be the person', async () => {
    const over = skyOver([page([{ id: '1', deceased: 'perhaps' }, { id: '2' }])]);

    expect(await over.client.constituents.search({ text: 'Whitlock' })).toMatchObject({ rows: [{ id: '2' }], rejected: [{ id: '1', field: 'deceased', reason: 'UNREADABLE' }] });
  });
});

describe('next_link', () => {
  test('is followed as it is given, but never away from the configured address', async () => {
    const link = 'https://elsewhere.example/constituent/v1/constituents/search?search_text=Whitlock&sort_token=a%2Bb&offset=1';
    const over = skyOver([page([{ id: '1' }], 2, link), page([{ id: '2' }], 2)]);

    const { rows, proof } = await over.client.constituents.search({ text: 'Whitlock' });

    expect(rows.map(({ id }) => id)).toEqual(['1', '2']);
    expect(proof.isComplete).toBe(true);
    expect(over.deps.seen[1]?.url).toBe('https://api.sky.example/constituent/v1/constituents/search?search_text=Whitlock&sort_token=a%2Bb&offset=1');
  });

  test('may come without its host, or under the prefix of a proxy', async () => {
    const relative = skyOver([page([{ id: '1' }], 2, '/constituent/v1/phones?offset=1'), page([{ id: '2' }], 2)]);
    const prefixed = skyOver([page([{ id: '1' }], 2, 'https://proxy.example/sky/constituent/v1/phones?offset=1'), page([{ id: '2' }], 2)], { baseUrl: 'https://proxy.example/sky' });

    await relative.client.phones.list('7');
    await prefixed.client.phones.list('7');

    expect([relative, prefixed].map(({ deps }) => deps.seen[1]?.url)).toEqual(['https://api.sky.example/constituent/v1/phones?offset=1', 'https://proxy.example/sky/constituent/v1/phones?offset=1']);
  });

  test.each(['https://api.sky.example/other/v1/things', 'https://['])('that leads elsewhere is an answer we do not know: %s', async (link) => {
    await expect(skyOver([page([{ id: '1' }], 2, link)]).client.constituents.search({ text: 'Whitlock' })).rejects.toMatchObject({ code: 'E_ANSWER_INVALID', reason: 'NEXT_LINK' });
  });

  test('that leads round in a circle ends', async () => {
    const over = skyOver([page([{ id: '1' }], 9, 'https://api.sky.example/constituent/v1/constituents/search?offset=0')]);

    expect((await over.client.constituents.search({ text: 'Whitlock' })).proof).toMatchObject({ distinct: 1, isComplete: false });
    expect(over.deps.seen).toHaveLength(2);
  });
});

test('the search for duplicates is one call with all that is known, and does not take the import id for the record\'s', async () => {
  const row = { id: '20418', constituent_id: 'SR-70411', name: 'Dana Whitlock', display_name: 'x', formatted_address: 'x', deceased: false, is_constituent: true, rank: 'Name, Email' };
  const over = skyOver([page([row], 80, 'https://api.sky.example/constituent/v1/constituents/duplicatesearch?offset=50')]);

  const { rows, proof } = await over.client.constituents.findDuplicates({ last: 'Whitlock', first: 'Dana', email: 'whitlock.home@example.net', phone: '5135550142', postalCode: '45040', city: ' ' });

  expect(rows).toEqual([{ id: '20418', importId: 'SR-70411', name: 'Dana Whitlock', deceased: false, isConstituent: true, rank: 'Name, Email' }]);
  expect(proof.isComplete).toBe(false);
  expect(over.asked()).toEqual([
    'GET /constituent/v1/constituents/duplicatesearch?last_org_name=Whitlock&first_name=Dana&email=whitlock.home@example.net&phone=5135550142&post_code=45040&limit=50',
  ]);
});

describe('one record', () => {
  const wire = {
    id: '20418', type: 'Individual', first: 'Theo', middle: '', last: 'Whitlock', preferred_name: 'Ted', former_name: null, name: 'Theo Whitlock', title: 'Mr.', suffix: 'Jr.', birthdate: { y: 2011, m: 4, d: 9 }, age: 15, gender: 'Male',
    deceased: false, inactive: false, lookup_id: '11873', import_id: 'SR-70412', is_constituent: true, requests_no_email: false,
    email: { id: '5', address: 'whitlock.home@example.net', type: 'Email', primary: true, do_not_email: false, inactive: false },
    phone: { id: '6', number: '(513) 555-0142', type: 'Home', primary: true, do_not_call: true, inactive: false },
    address: { id: '8', address_lines: '88 Mill Ln\r\nApt 3', city: 'Mason', state: 'OH', postal_code: '45040', country: 'United States', type: 'Home', preferred: true, do_not_mail: false },
    spouse: { id: '9', first: 'Ines' }, date_modified: '2026-02-01T10:00:00-05:00',
  };

  test('has its names split, and what hangs on it in our words', async () => {
    const over = skyOver([ok(wire)]);

    expect(await over.client.constituents.get('20418')).toEqual({
      kind: 'found',
      row: {
        id: '20418', type: 'Individual', first: 'Theo', middle: undefined, last: 'Whitlock', preferredName: 'Ted', formerName: undefined, title: 'Mr.', suffix: 'Jr.', birthdate: undefined, deceased: false, inactive: false,
        lookupId: '11873', importId: 'SR-70412', isConstituent: true, requestsNoEmail: false,
        email: { id: '5', address: 'whitlock.home@example.net', type: 'Email', primary: true, inactive: false, doNotEmail: false },
        phone: { id: '6', number: '(513) 555-0142', type: 'Home', primary: true, inactive: false, doNotCall: true },
        address: { id: '8', addressLines: '88 Mill Ln\r\nApt 3', city: 'Mason', state: 'OH', postalCode: '45040', country: 'United States', type: 'Home', preferred: true, inactive: undefined, doNotMail: false },
        dateModified: '2026-02-01T10:00:00-05:00',
      },
    });
    expect(over.asked()).toEqual(['GET /constituent/v1/constituents/20418']);
  });

  test('has a date of birth only where the site asks for it', async () => {
    expect(await skyOver([ok(wire)], { birthdates: true }).client.constituents.get('20418')).toMatchObject({ row: { birthdate: '2011-04-09' } });
    expect(await skyOver([ok({ ...wire, birthdate: 'x' })]).client.constituents.get('20418')).toMatchObject({ row: { birthdate: undefined } });
  });

  test('with little in it', async () => {
    expect(await skyOver([ok({ id: '20418', email: null })]).client.constituents.get('20418')).toMatchObject({ kind: 'found', row: { last: undefined, email: undefined, phone: undefined, address: undefined } });
  });

  test.each([
    ['deceased', { deceased: 'no' }],
    ['email.address', { email: { address: { value: 'x' } } }],
    ['last', { last: ['Whitlock'] }],
  ])('that cannot be read does not look blank: %s', async (field, more) => {
    expect(await skyOver([ok({ ...wire, ...more })]).client.constituents.get('20418')).toEqual({ kind: 'rejected', rejected: { id: '20418', field, reason: 'UNREADABLE' } });
  });
});

describe('a create', () => {
  test('sends an individual with the listed keys', async () => {
    const over = skyOver([made('20999')]);
    const withMore = {
      last: 'Whitlock', first: 'Theo', middle: 'J', preferredName: 'Ted', title: 'Mr.', suffix: 'Jr.', birthdate: '2011-04', importId: 'SR-70412', requestsNoEmail: true,
      email: { address: 'whitlock.home@example.net', type: 'Email', primary: false, doNotEmail: true },
      phone: { number: '5135550142', type: 'Home', primary: true },
      address: { type: 'Home', addressLines: '88 Mill Ln', city: 'Mason', state: 'OH', postalCode: '45040', country: 'US', zip: '45040' },
      first_name: 'x', gender: 'Male', passport: 'x',
    };

    expect(await over.client.constituents.create(withMore)).toEqual({ kind: 'done', id: '20999' });

    expect(over.sent()).toEqual([
      {
        type: 'Individual', last: 'Whitlock', first: 'Theo', middle: 'J', preferred_name: 'Ted', title: 'Mr.', suffix: 'Jr.', birthdate: { y: 2011, m: 4 }, import_id: 'SR-70412', requests_no_email: true,
        email: { address: 'whitlock.home@example.net', type: 'Email', primary: false, do_not_email: true },
        phone: { number: '5135550142', type: 'Home', primary: true },
        address: { type: 'Home', address_lines: '88 Mill Ln', city: 'Mason', state: 'OH', postal_code: '45040', country: 'US' },
      },
    ]);
    expect(over.asked()).toEqual(['POST /constituent/v1/constituents']);
  });

  test('leaves out what is blank, instead of inventing it', async () => {
    // "No Address" and "00000" from an old client still stand in donor files.
    const over = skyOver([made('20999')]);

    await over.client.constituents.create({ last: 'Okafor', first: '', suffix: null, email: { address: ' ', type: 'Email', primary: true }, phone: { number: '', type: 'Home' }, address: { type: 'Home', city: ' ', country: '' } });

    expect(over.sent()).toEqual([{ type: 'Individual', last: 'Okafor' }]);
  });

  test('of somebody whose date of birth is none is refused before anything is sent', async () => {
    const { client, deps } = skyOver([]);

    await expect(client.constituents.create({ last: 'Okafor', birthdate: '04/09/2011' })).rejects.toBeInstanceOf(ItemInvalid);
    await expect(client.constituents.patch('7', { birthdate: 'x' })).rejects.toBeInstanceOf(ItemInvalid);
    expect(deps.seen).toEqual([]);
  });
});

test('a change uses the names of the record, not those that do not exist', async () => {
  const over = skyOver([empty]);

  await over.client.constituents.patch('20418', { first: 'Theo', suffix: null });

  expect(over.sent()).toEqual([{ first: 'Theo', suffix: null }]);
  expect(over.asked()).toEqual(['PATCH /constituent/v1/constituents/20418']);
});

describe('what hangs on a record', () => {
  test.each([
    ['emails', 'emailaddresses?include_inactive=true', { id: '5', address: 'a@example.org', type: 'Email', primary: true, inactive: false, do_not_email: true, x: 1 }, { id: '5', address: 'a@example.org', type: 'Email', primary: true, inactive: false, doNotEmail: true }],
    ['phones', 'phones?include_inactive=true', { id: '6', number: '5135550142', type: 'Home', primary: false, inactive: true, do_not_call: false }, { id: '6', number: '5135550142', type: 'Home', primary: false, inactive: true, doNotCall: false }],
    [
      'addresses', 'addresses?include_inactive=true', { id: '8', address_lines: '88 Mill Ln', city: 'Mason', state: 'OH', postal_code: '45040', country: 'US', type: 'Home', preferred: true, inactive: false, do_not_mail: false, formatted_address: 'x' },
      { id: '8', addressLines: '88 Mill Ln', city: 'Mason', state: 'OH', postalCode: '45040', country: 'US', type: 'Home', preferred: true, inactive: false, doNotMail: false },
    ],
    ['aliases', 'aliases', { id: '9', name: 'SR-70412', type: 'ServiceReef' }, { id: '9', name: 'SR-70412', type: 'ServiceReef' }],
    ['codes', 'constituentcodes', { id: '10', description: 'Volunteer', inactive: false }, { id: '10', description: 'Volunteer', inactive: false }],
  ] as const)('%s are listed', async (kind, path, wire, row) => {
    const over = skyOver([page([wire])]);

    expect(await over.client[kind].list('20418')).toMatchObject({ rows: [row], proof: { isComplete: true } });
    expect((await over.client[kind].list('20418')).rows).toEqual([row]);
    expect(over.asked()[0]).toBe(`GET /constituent/v1/constituents/20418/${path}`);
  });

  test('and added, under the constituent, with the listed keys', async () => {
    const over = skyOver([made('1')]);
    const { emails, phones, addresses, aliases, codes } = over.client;

    await emails.add('20418', { address: 'a@example.org', type: 'Email', primary: false, doNotEmail: true });
    await phones.add('20418', { number: '5135550142', type: 'Home', primary: true });
    await addresses.add('20418', { type: 'Home', addressLines: '88 Mill Ln', city: 'Mason', state: 'OH', postalCode: '45040', country: '', preferred: true });
    await aliases.add('20418', { name: 'SR-70412', type: 'ServiceReef' });
    expect(await codes.add('20418', { description: 'Volunteer' })).toEqual({ kind: 'done', id: '1' });

    expect(over.sent()).toEqual([
      { constituent_id: '20418', address: 'a@example.org', type: 'Email', primary: false, do_not_email: true },
      { constituent_id: '20418', number: '5135550142', type: 'Home', primary: true },
      { constituent_id: '20418', type: 'Home', address_lines: '88 Mill Ln', city: 'Mason', state: 'OH', postal_code: '45040', preferred: true },
      { constituent_id: '20418', name: 'SR-70412', type: 'ServiceReef' },
      { constituent_id: '20418', description: 'Volunteer' },
    ]);
    expect(over.asked()).toEqual(['emailaddresses', 'phones', 'addresses', 'aliases', 'constituentcodes'].map((name) => `POST /constituent/v1/${name}`));
  });
});
