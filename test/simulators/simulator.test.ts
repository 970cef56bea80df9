import ky from 'ky';
import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import type { FaultRule } from '../../shared/simulators/faults.ts';
import { simulator } from '../../shared/simulators/simulator.ts';
import { seededRandom, simulatedWorld } from '../../shared/simulators/world.ts';

/** A vendor with a shelf of notes, enough to see calls arrive. */
function noteKeeper(options: { seed?: number; latencyMs?: number } = {}) {
  const clock = manualClock();
  const keeper = simulator('notes', simulatedWorld({ ...options, clock }));
  const notes: string[] = [];
  keeper.on('GET', '/api/notes/:name', ({ params }) => ({ name: params['name'], all: 'a long enough answer to be cut in half' }));
  keeper.on('POST', '/api/notes', ({ body }) => {
    notes.push(body);
    return new Response(body, { status: 201 });
  });
  keeper.on('GET', '/.well-known/notes', () => new Response(null, { status: 301, headers: { location: '/api/notes/first' } }));
  return { ...keeper, notes, clock, post: (body = 'x') => keeper.fetch('https://notes.test/api/notes', { method: 'POST', body }) };
}

const getFirst = 'https://notes.test/api/notes/first';

test('a route answers with what its handler returns, and gets its names decoded', async () => {
  const keeper = noteKeeper();

  const answer = await keeper.fetch('https://notes.test/api/notes/caf%C3%A9%20x');

  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ name: 'café x' });
});

test('it takes a Request as well as an address with options', async () => {
  const keeper = noteKeeper();

  await keeper.fetch(new Request('https://notes.test/api/notes', { method: 'POST', body: 'from a request' }));
  await keeper.fetch(new URL('https://notes.test/api/notes'), { method: 'POST', body: new TextEncoder().encode('from bytes') });

  expect(keeper.notes).toEqual(['from a request', 'from bytes']);
});

test('it works under ky', async () => {
  const keeper = noteKeeper();

  const answer = await ky.post('https://notes.test/api/notes', { json: { a: 1 }, fetch: keeper.fetch, retry: { limit: 0 } });

  expect(answer.status).toBe(201);
  expect(keeper.notes).toEqual(['{"a":1}']);
});

test('an unknown route is 404', async () => {
  expect((await noteKeeper().fetch('https://notes.test/other')).status).toBe(404);
});

test('redirects are followed unless the caller wants to see them', async () => {
  const keeper = noteKeeper();

  const seen = await keeper.fetch('https://notes.test/.well-known/notes', { redirect: 'manual' });
  const followed = await keeper.fetch('https://notes.test/.well-known/notes');

  expect(seen.headers.get('location')).toBe('/api/notes/first');
  expect(followed.status).toBe(200);
  await expect(keeper.fetch('https://notes.test/.well-known/notes', { redirect: 'error' })).rejects.toThrow('fetch failed');
});

test('the journal counts calls by method, by path and by the end of a path', async () => {
  const keeper = noteKeeper();
  keeper.clock.advance(5000);

  await keeper.post();
  await keeper.fetch(`${getFirst}?full=1`);
  await keeper.fetch('https://notes.test/other');

  expect(keeper.journal.count()).toBe(3);
  expect(keeper.journal.count('GET')).toBe(2);
  expect(keeper.journal.count('GET /notes/:name')).toBe(1);
  expect(keeper.journal.count('GET /api/*')).toBe(1);
  expect(keeper.journal.count('POST /notes/:name')).toBe(0);
  expect(keeper.journal.writes).toEqual([
    { method: 'POST', path: '/api/notes', query: '', status: 201, at: keeper.clock.now(), fault: undefined },
  ]);
  expect(keeper.journal.entries[1]).toMatchObject({ path: '/api/notes/first', query: '?full=1', status: 200 });
});

test('a cleared journal starts anew', async () => {
  const keeper = noteKeeper();
  await keeper.post();

  keeper.journal.clear();

  expect(keeper.journal.count()).toBe(0);
});

test('the same seed brings the same luck', () => {
  const [one, same, other] = [seededRandom(7), seededRandom(7), seededRandom(8)];

  const drawn = [one(), one(), one()];

  expect(drawn).toEqual([same(), same(), same()]);
  expect(drawn).not.toEqual([other(), other(), other()]);
  expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
});

test('latency passes on the clock', async () => {
  const keeper = noteKeeper({ latencyMs: 30 });
  const before = keeper.clock.now();

  await keeper.post();

  expect(keeper.clock.now() - before).toBe(30);
});

test('a status fault answers in place of the vendor, with headers and body', async () => {
  const keeper = noteKeeper();
  keeper.faults.add({ when: { method: 'POST' }, kind: 'status', status: 429, headers: { 'retry-after': '7' }, body: 'slow down' });

  const answer = await keeper.post();

  expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([429, '7', 'slow down']);
  expect(keeper.notes).toEqual([]);
  expect(keeper.faults.fired.status).toBe(1);
});

const effects: { rule: FaultRule; happens: boolean; rejects: boolean }[] = [
  { rule: { when: {}, kind: 'reset-before' }, happens: false, rejects: true },
  { rule: { when: {}, kind: 'lost-answer' }, happens: true, rejects: true },
  { rule: { when: {}, kind: 'status', status: 502 }, happens: false, rejects: false },
  { rule: { when: {}, kind: 'status', status: 504, afterEffect: true }, happens: true, rejects: false },
  { rule: { when: {}, kind: 'wrong-body' }, happens: false, rejects: false },
  { rule: { when: {}, kind: 'half-body' }, happens: true, rejects: false },
  { rule: { when: {}, kind: 'slow', ms: 10 }, happens: true, rejects: false },
];

test.each(effects)('$rule.kind (after the effect: $rule.afterEffect): the vendor acts: $happens, the call fails: $rejects', async (row) => {
  const keeper = noteKeeper();
  keeper.faults.add(row.rule);

  const failed = await keeper.post().then(
    () => undefined,
    (error: unknown) => error,
  );

  expect(keeper.notes.length).toBe(row.happens ? 1 : 0);
  expect(failed instanceof TypeError && failed.message === 'fetch failed').toBe(row.rejects);
  expect(keeper.journal.entries[0]?.fault).toBe(row.rule.kind);
  expect(keeper.journal.entries[0]?.status === 0).toBe(row.rejects);
  expect(keeper.faults.fired[row.rule.kind]).toBe(1);
});

test('half a body stops silently, or breaks while it is read', async () => {
  const keeper = noteKeeper();
  const whole = await (await keeper.fetch(getFirst)).text();
  keeper.faults.add({ when: { nth: 1 }, kind: 'half-body' });
  const silent = await (await keeper.fetch(getFirst)).text();

  keeper.faults.add({ when: {}, kind: 'half-body', ends: 'broken' });
  const broken = (await keeper.fetch(getFirst)).text();

  expect(silent).toBe(whole.slice(0, Math.floor(whole.length / 2)));
  await expect(broken).rejects.toThrow('terminated');
});

test('a wrong body is a page with 200', async () => {
  const keeper = noteKeeper();
  keeper.faults.add({ when: {}, kind: 'wrong-body' });

  const answer = await keeper.fetch(getFirst);

  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('text/html');
});

test('a hanging call ends when its signal aborts, and not before', async () => {
  const keeper = noteKeeper();
  keeper.faults.add({ when: {}, kind: 'hang' });
  const controller = new AbortController();
  let ended = false;

  const call = keeper.fetch(getFirst, { signal: controller.signal }).finally(() => {
    ended = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  const endedEarly = ended;
  controller.abort();

  expect(endedEarly).toBe(false);
  await expect(call).rejects.toThrow('aborted');
});

test('a call that is aborted already never reaches the vendor', async () => {
  const keeper = noteKeeper();

  const call = keeper.fetch('https://notes.test/api/notes', { method: 'POST', body: 'x', signal: AbortSignal.abort() });

  await expect(call).rejects.toThrow('aborted');
  expect(keeper.notes).toEqual([]);
});

test('a slow call takes its time on the clock', async () => {
  const keeper = noteKeeper();
  keeper.faults.add({ when: {}, kind: 'slow', ms: 9000 });
  const before = keeper.clock.now();

  await keeper.post();

  expect(keeper.clock.now() - before).toBe(9000);
});

test('a fault can wait for its turn, strike a number of times, by path, by own judgement, and be taken back', async () => {
  const keeper = noteKeeper();
  const statuses = async (count: number) => {
    const seen: number[] = [];
    for (let call = 0; call < count; call += 1) seen.push((await keeper.post('mine')).status);
    return seen;
  };

  keeper.faults.add({ when: { method: 'POST', nth: 2 }, kind: 'status', status: 500 });
  const secondOnly = await statuses(3);
  keeper.faults.add({ when: { pathPart: '/notes' }, times: 2, kind: 'status', status: 503 });
  const twice = await statuses(3);
  const takeBack = keeper.faults.add({ when: (call) => call.body === 'mine', kind: 'status', status: 507 });
  const judged = await statuses(1);
  takeBack();
  const after = await statuses(1);

  expect(secondOnly).toEqual([201, 500, 201]);
  expect(twice).toEqual([503, 503, 201]);
  expect([judged, after]).toEqual([[507], [201]]);
});

async function failures(seed: number): Promise<number[]> {
  const keeper = noteKeeper({ seed });
  keeper.faults.add({ when: { share: 0.3 }, kind: 'reset-before' });
  for (let call = 0; call < 100; call += 1) await keeper.post().catch(() => undefined);
  return keeper.journal.entries.map(({ status }) => status);
}

test('a share of calls fails, the same ones for the same seed', async () => {
  const first = await failures(3);

  expect(first).toEqual(await failures(3));
  expect(first.filter((status) => status === 0).length).toBeGreaterThan(15);
  expect(first.filter((status) => status === 0).length).toBeLessThan(45);
});
