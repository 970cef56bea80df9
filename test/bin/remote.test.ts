/** The verbs with `--remote`: the same words and codes as on the machine itself, against a hub that is served on loopback. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { CommanderError } from 'commander';
import { afterEach, describe, expect, test } from 'vitest';
import type { Context } from '../../bin/context.ts';
import { codeOf, tellError } from '../../bin/failure.ts';
import { programOf } from '../../bin/main.ts';
import { systemClock } from '../../shared/base/clock.ts';
import { serveLocally } from '../../shared/hub/http-local.ts';
import { servedHub, type ServedOptions } from '../hub/api/served.ts';

const id = 'directus-nextcloud';
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A person at another machine: no state, no variables of the systems, nothing but a token. */
async function typed(env: { readonly [name: string]: string }, args: readonly string[], fetcher: typeof fetch = fetch): Promise<Ended> {
  let [out, err] = ['', ''];
  const context: Context = {
    clock: { now: () => systemClock.now(), sleep: (ms, signal) => systemClock.sleep(ms === 2000 ? 1 : ms, signal) }, // asks again at once
    env, folder: tmpdir(), dotenv: undefined, isInteractive: false, terminal: undefined, input: Readable.from([]), fetch: fetcher, code: 0,
    out: (text) => { out += text; },
    err: (text) => { err += text; },
    stops: { signal: new AbortController().signal, code: () => 130, isService: () => false, release: () => {} },
  };
  try {
    await programOf(context).parseAsync([...args], { from: 'user' });
    return { code: context.code, out, err };
  } catch (error) {
    if (error instanceof CommanderError) return { code: error.exitCode === 0 ? 0 : 2, out, err };
    tellError(context, error, args.includes('--json'));
    return { code: codeOf(error), out, err };
  }
}

async function aDeployedHub(options: ServedOptions = {}) {
  const site = servedHub(options);
  const http = await serveLocally(site.answering, 0);
  cleanups.push(() => site.close(), () => http.close());
  const token = (await site.token('data_ops')).replace('Bearer ', '');
  return { ...site, url: http.url, concord: (...args: readonly string[]) => typed({ CONCORD_TOKEN: token }, ['--remote', http.url, ...args]), tokenText: token };
}

async function aParkedHub() {
  const site = await aDeployedHub();
  await site.hub.run(id);
  const { directus, calendar } = site.world;
  const row = directus.events.all().find(({ title }) => title === 'Open days');
  directus.events.edit(row?.id ?? 0, { location: 'Town hall' });
  const object = calendar.objects.all().find(({ text }) => text.includes('SUMMARY:Open days'));
  calendar.objects.edit(object?.name ?? '', { location: 'Library' });
  site.clock.advance(60_000);
  return { ...site, row: String(row?.id), rowNow: () => directus.events.get(row?.id ?? 0), mend: () => calendar.objects.edit(object?.name ?? '', { location: 'Town hall' }) };
}

describe('a deployed hub', () => {
  test('plans, runs and tells how it stands', async () => {
    const site = await aDeployedHub();

    const before = await site.concord('plan', id);
    const run = await site.concord('run', id);
    const after = await site.concord('plan', id, '--json');
    const status = await site.concord('status');
    const json = await site.concord('status', '--json');

    expect(before).toMatchObject({ code: 6, err: '' });
    expect(before.out).toMatch(/create {2}in Nextcloud {2}events 1/);
    expect(run).toMatchObject({ code: 0, err: '' });
    expect(run.out).toMatch(/directus-nextcloud {2}run \S+ {2}finished/);
    expect(after.code).toBe(0);
    expect(JSON.parse(after.out)).toMatchObject({ connector: id, planned: 0 });
    expect(status.out).toMatch(/^directus-nextcloud {2}ok {2}/);
    expect(JSON.parse(json.out)).toMatchObject({ connectors: [{ connector: id, state: 'ok' }] });
  });

  test('explains an item, with and without its connector', async () => {
    const site = await aDeployedHub();
    await site.hub.run(id);

    const [both, one, unknown, nowhere] = await Promise.all([site.concord('explain', id, '1'), site.concord('explain', '1', '--json'), site.concord('explain', '4711'), site.concord('explain', 'none', '1')]);

    expect(both).toMatchObject({ code: 0, out: expect.stringMatching(/events {2}agreed\n {2}source {3}Directus 1 /) });
    expect(JSON.parse(one.out)).toMatchObject({ id: '1', links: [{ connector: id }] });
    expect([unknown.code, nowhere.code]).toEqual([1, 2]);
    expect(nowhere.err).toContain(`there is no connector none; there is ${id}`);
  });

  test('waits with a run that takes longer than an answer may', async () => {
    const site = await aDeployedHub({ waits: { now: () => 0, sleep: async () => {} } });

    const run = await site.concord('run', id, '--json');

    expect(run.code).toBe(0);
    expect(JSON.parse(run.out)).toMatchObject({ connector: id, state: 'finished', streams: { events: { created: expect.any(Number) } } });
  });

  test('is paused and resumed', async () => {
    const site = await aDeployedHub();

    const paused = await site.concord('pause', id, '--why', 'moving house');
    const run = await site.concord('run', id);
    const status = await site.concord('status');
    const resumed = await site.concord('resume', id, '--json');

    expect(paused).toMatchObject({ code: 0, out: expect.stringContaining('concord resume') });
    expect(run).toMatchObject({ code: 5, out: expect.stringMatching(/E_PAUSED .*moving house/) });
    expect(status.out).toMatch(/paused {5}since \S+ by ada: moving house/);
    expect(JSON.parse(resumed.out)).toEqual({ connector: id, paused: false, changed: true });
  });

  test('shows both versions of a conflict, settles it, and takes that back', async () => {
    const site = await aParkedHub();

    const parked = await site.concord('run', id);
    const shown = await site.concord('resolve', id, site.row);
    const wrong = await site.concord('resolve', id, site.row, '--take', 'title=source');
    const settled = await site.concord('resolve', site.row, '--target', '--json');
    const after = site.rowNow()?.['location'];
    const undone = await site.concord('resolve', site.row, '--undo');

    expect(parked.code).toBe(3);
    expect(shown).toMatchObject({ code: 3, out: expect.stringMatching(/location +Town hall +Library/) });
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining('location is in question too') });
    expect(settled.code).toBe(0);
    expect(JSON.parse(settled.out)).toMatchObject({ settled: true, fields: ['location'], report: { streams: { events: { updated: 1 } } } });
    expect(after).toBe('Library');
    expect(undone).toMatchObject({ code: 0, out: expect.stringContaining('Settled: location.') });
    expect(site.rowNow()).toMatchObject({ location: 'Town hall' });
  });

  test('does not settle what has changed since it was shown', async () => {
    const site = await aParkedHub();
    await site.hub.run(id);
    const { directus } = site.world;
    // Between looking and deciding, somebody else edits the row, and a run parks it anew.
    const meddling: typeof fetch = async (input, init) => {
      if (init?.method === 'POST') {
        directus.events.edit(Number(site.row), { location: 'Station' });
        site.clock.advance(60_000);
        await site.hub.run(id);
      }
      return fetch(input, init);
    };

    const ended = await typed({ CONCORD_TOKEN: site.tokenText }, ['resolve', site.row, '--target', '--remote', site.url], meddling);

    expect(ended.code).toBe(3);
    expect(ended.out).toMatch(/it has changed since[^]*location +Station +Library/);
    expect(site.rowNow()).toMatchObject({ location: 'Station' });
  });

  test('looks again at one item, or at all', async () => {
    const site = await aParkedHub();
    await site.hub.run(id);

    const still = await site.concord('replay', id, site.row);
    site.mend();
    const mended = await site.concord('replay', '--all', '--json');
    const nothing = await site.concord('replay', '--all');
    const unknown = await site.concord('replay', '4711');

    expect(still.code).toBe(3);
    expect(JSON.parse(mended.out)).toMatchObject({ reports: [{ state: 'finished', problems: [] }] });
    expect([mended.code, nothing.code, unknown.code]).toEqual([0, 0, 2]);
    expect(nothing.out).toBe('There is nothing to look at again.\n');
  });

  test.each([['apply'], ['apply', '--only']])('%s %s releases a held plan and carries it out', async (...words) => {
    const site = await aDeployedHub();
    const { directus, calendar } = site.world;
    for (let count = 0; count < 8; count += 1) directus.events.add({ approved: true, status: 'published', title: `Event ${count}` });
    await site.hub.run(id);
    const before = calendar.objects.size;
    for (const { id: row } of directus.events.all().filter(({ title }) => title.startsWith('Event '))) directus.events.remove(row);
    site.clock.advance(60_000);
    await site.hub.run(id);

    const none = await site.concord('apply', 'no-such-plan');
    const [plan] = await site.hub.plans();
    const applied = await site.concord(...words, ...(words.length > 1 ? [plan?.id ?? ''] : []));
    const nothing = await site.concord('apply', '--json');

    expect(none).toMatchObject({ code: 2, err: expect.stringContaining(plan?.id ?? 'a plan') });
    expect(applied).toMatchObject({ code: 0, err: `Released plan ${plan?.id}.\n` });
    expect(calendar.objects.size).toBe(before - 8);
    expect(nothing.out).toBe('{"released":null}\n');
  });
});

describe('what keeps a hub from answering', () => {
  test('a token that is not accepted, or may not do it, ends with 5', async () => {
    const site = await aDeployedHub();
    const viewer = (await site.token('viewer')).replace('Bearer ', '');

    const [wrong, weak] = await Promise.all([typed({ CONCORD_TOKEN: 'not-a-token' }, ['status', '--remote', site.url, '--json']), typed({ CONCORD_TOKEN: viewer }, ['pause', id, '--remote', site.url])]);

    expect(wrong).toMatchObject({ code: 5, err: expect.stringContaining('CONCORD_TOKEN') });
    expect(JSON.parse(wrong.out)).toMatchObject({ error: { code: 'E_SIGN_IN_HERE' } });
    expect(weak).toMatchObject({ code: 5, err: expect.stringContaining('admin or data_ops') });
  });

  test('no token at all, and a file that holds none, end with 2', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'concord-test-'));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    const site = await aDeployedHub();
    writeFileSync(join(folder, 'token'), `${site.tokenText}\n`);
    writeFileSync(join(folder, 'empty'), '\n');

    const [none, empty, missing, good] = await Promise.all([
      typed({}, ['status', '--remote', site.url]),
      typed({}, ['status', '--remote', site.url, '--token-file', join(folder, 'empty')]),
      typed({}, ['status', '--remote', site.url, '--token-file', join(folder, 'missing')]),
      typed({}, ['status', '--remote', site.url, '--token-file', join(folder, 'token')]),
    ]);

    expect([none.code, empty.code, missing.code, good.code]).toEqual([2, 2, 2, 0]);
    expect(none.err).toContain('CONCORD_TOKEN is not set');
  });

  test('nobody there, something else there, and plain http to another machine are told apart', async () => {
    const gone = await serveLocally(async () => ({ status: 200, headers: {}, body: '{}' }), 0);
    await gone.close();
    const other = createServer((_request, response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Hello</h1>'));
    await new Promise<void>((resolve) => { other.listen(0, '127.0.0.1', resolve); });
    cleanups.push(() => other.close());
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const env = { CONCORD_TOKEN: 'a-token' };

    const [nobody, strange, plain] = await Promise.all([
      typed(env, ['pause', id, '--remote', gone.url]),
      typed(env, ['status', '--remote', `http://127.0.0.1:${port}`]),
      typed(env, ['status', '--remote', 'http://hub.example.org']),
    ]);

    expect([nobody.code, strange.code, plain.code]).toEqual([1, 1, 2]);
    expect(nobody.err).toContain('gives no answer; nothing was sent');
    expect(strange.err).toContain('no hub of Concord');
    expect(plain.err).toContain('plain http');
  });

  test('verbs of one machine say so with 2', async () => {
    const site = await aDeployedHub();

    const ended = await Promise.all([site.concord('doctor'), site.concord('import', id, 'pairs.csv'), site.concord('connect', 'directus'), site.concord('token'), site.concord('simulate')]);

    expect(ended.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
    expect(ended[0]?.err).toContain('concord doctor works on this machine only');
  });
});
