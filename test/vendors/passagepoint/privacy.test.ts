/** Names and card numbers travel in PassagePoint's addresses. Whatever goes wrong, they stand in no error, no result and no log line of ours. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { answer, broken, hang, ok, type Seen, type Step } from '../../http/stubs.ts';
import { allCapabilities, passagePointOver, refusal } from './stub.ts';

const planted = { firstName: 'MarkerFirst', lastName: 'Marker Last', category: 'MarkerCategory', uniqueId: 'MARKER_CARD_4711', email: 'marker@example.org', mobilePhoneNo: '+1 555 0199 marker' };
const leak = /marker|4711|0199|not-a-secret|token-\d/i;

/** A server, or a way to it, that repeats everything it was asked. */
const echo = (status: number, headers: Readonly<Record<string, string>> = {}) => ({ url }: Seen) => answer(status, headers, `refused: ${url} ${planted.lastName} ${planted.uniqueId}`);
const quoting = (code?: string) => ({ url }: Seen) => {
  const cause = Object.assign(new Error(`cannot reach ${url}`), { input: url, ...(code !== undefined && { code }) });
  return Promise.reject(new TypeError(`request to ${url} failed`, { cause }));
};

const trouble: readonly (readonly [string, Step])[] = [
  ['a refusal that repeats the address', echo(400)],
  ['a refusal that repeats a value as its code', refusal(400, planted.uniqueId, planted.lastName)],
  ['a refusal that repeats a value as its error', answer(400, {}, JSON.stringify({ error: planted.email }))],
  ['not found', echo(404)],
  ['no access', echo(403)],
  ['no sign-in', echo(401)],
  ['too fast', echo(429)],
  ['an ill server', echo(500)],
  ['maintenance', echo(503)],
  ['an elsewhere that repeats the address', ({ url }) => answer(302, { location: url })],
  ['an error inside a success', ok({ error: planted.lastName })],
  ['a success of another shape', ok({ data: [{ name: planted.lastName }], [planted.lastName]: planted.uniqueId })],
  ['a success that is no JSON', echo(200)],
  ['a fetch that quotes the address', quoting()],
  ['a fetch that quotes the address, before sending', quoting('ECONNREFUSED')],
  ['a connection that broke', broken('ECONNRESET')],
  ['no answer', hang],
];

describe.each(trouble)('%s', (_what, step) => {
  test.each([
    ['createVisitor', (over: ReturnType<typeof passagePointOver>) => over.client.createVisitor(planted)],
    ['updateVisitor', (over: ReturnType<typeof passagePointOver>) => over.client.updateVisitor?.({ id: '7', ...planted })],
    ['visitorByUniqueId', (over: ReturnType<typeof passagePointOver>) => over.client.visitorByUniqueId(planted.uniqueId)],
  ])('shows nothing of a person through %s', async (_call, make) => {
    const over = passagePointOver([step], { capabilities: allCapabilities });

    const [outcome] = await Promise.allSettled([make(over)]);

    // An error to its last cause and hidden property, as an eager logger would print it.
    expect(inspect(outcome, { depth: null, showHidden: true })).not.toMatch(leak);
    expect(over.lines.join('\n')).not.toMatch(leak);
    expect(JSON.stringify(over.deps.calls.totals())).not.toMatch(leak);
    expect(over.deps.seen[0]?.url).toMatch(/marker/i);
  });
});

test('a success is logged by method and path', async () => {
  const over = passagePointOver([ok({ data: [{ id: 1 }] })]);

  await over.client.createVisitor(planted);

  expect(over.lines.at(-1)).toContain('"call":"POST /person/createVisitor"');
  expect(over.lines.join('\n')).not.toMatch(leak);
});

test('an error still says which fault it was', async () => {
  const { client } = passagePointOver([quoting('ECONNREFUSED')]);

  await expect(client.createVisitor(planted)).rejects.toMatchObject({ code: 'E_UNAVAILABLE', sent: false, cause: { message: 'ECONNREFUSED' } });
});
