/** A search carries a person's name or e-mail in its address, and refusals quote what they refuse. Neither stands in an error, a result or a log line of ours. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { answer, broken, hang, ok, type Seen, type Step } from '../../http/stubs.ts';
import { refusal, skyOver } from './stub.ts';

const leak = /marker|not-a-key|token-\d/i;
const said = 'Marker Person, marker@example.org, is not valid';

/** Whatever was asked, repeated. */
const echo = (status: number) => ({ url }: Seen) => answer(status, {}, `refused: ${url} ${said}`);
const quoting = (code?: string) => ({ url }: Seen) =>
  Promise.reject(new TypeError(`request to ${url} failed`, { cause: Object.assign(new Error(`cannot reach ${url} ${said}`), { input: url, ...(code !== undefined && { code }) }) }));

const trouble: readonly (readonly [string, Step])[] = [
  ['a list of the Event API', refusal(400, [{ message: said, error_name: 'marker', error_code: 400, raw_message: said, error_args: ['marker'] }])],
  ['a list of the Constituent API', refusal(400, [{ Message: said, ErrorName: 'marker person', ErrorCode: 400, RawMessage: said }])],
  ['the gateway', refusal(415, { statusCode: 415, message: said })],
  ['Problem Details', refusal(400, { type: 'marker', title: 'marker: 1', status: 400, detail: said })],
  ['"already", with a name', refusal(400, [{ message: `${said} is already there`, error_name: 'BadRequest' }])],
  ['plain text', echo(400)],
  ['no right', echo(403)],
  ['no sign-in', echo(401)],
  ['not found', echo(404)],
  ['too fast', echo(429)],
  ['an ill server', echo(500)],
  ['maintenance', echo(503)],
  ['an elsewhere that repeats the address', ({ url }) => answer(302, { location: url })],
  ['a success of another shape', ok({ count: 'marker', value: [{ name: said }], id: { marker: 1 }, marker: said })],
  ['a success that is no JSON', answer(200, {}, `{"${said}`)],
  ['a next_link that leads elsewhere', ok({ count: 2, value: [{ id: '1' }], next_link: 'https://marker.example/marker', id: null })],
  ['a fetch that quotes the address', quoting()],
  ['a fetch that quotes the address, before sending', quoting('ECONNREFUSED')],
  ['a connection that broke', broken('ECONNRESET')],
  ['no answer', hang],
];

describe.each(trouble)('%s', (_what, step) => {
  test.each([
    ['a search', (over: ReturnType<typeof skyOver>) => over.client.constituents.search({ text: 'marker@example.org', field: 'email_address' })],
    ['a search for duplicates', (over: ReturnType<typeof skyOver>) => over.client.constituents.findDuplicates({ last: 'Marker', email: 'marker@example.org' })],
    ['a create', (over: ReturnType<typeof skyOver>) => over.client.constituents.create({ last: 'Marker', email: { address: 'marker@example.org', type: 'Email' } })],
    ['a change', (over: ReturnType<typeof skyOver>) => over.client.constituents.patch('7', { last: 'Marker' })],
    ['a look-up', (over: ReturnType<typeof skyOver>) => over.client.constituents.get('7')],
  ])('shows nothing of a person through %s', async (_call, make) => {
    const over = skyOver([step]);

    const [outcome] = await Promise.allSettled([make(over)]);

    // An error to its last cause and hidden property, as an eager logger would print it.
    expect(inspect(outcome, { depth: null, showHidden: true })).not.toMatch(leak);
    expect(over.lines.join('\n')).not.toMatch(leak);
  });
});

test('a row that is rejected tells no value', async () => {
  const over = skyOver([ok({ count: 3, value: [{ id: '1', deceased: 'marker' }, { id: ['marker'] }, 'marker'] })]);

  const found = await over.client.constituents.search({ text: 'Whitlock' });

  expect(found.rejected).toHaveLength(3);
  expect(inspect(found, { depth: null, showHidden: true })).not.toMatch(leak);
});

test('an error still says which fault it was, and which call', async () => {
  const { client } = skyOver([quoting('ECONNREFUSED')]);

  await expect(client.constituents.search({ text: 'marker@example.org' })).rejects.toMatchObject({ code: 'E_UNAVAILABLE', sent: false, call: 'GET /constituent/v1/constituents/search', cause: { message: 'ECONNREFUSED' } });
});
