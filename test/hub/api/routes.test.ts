/** What the routes of the control plane do, over a hub with sample systems: everything a person can decide at the keyboard. */
import { afterEach, describe, expect, test } from 'vitest';
import { AnotherRunActive, ConfigurationInvalid, StoreUnavailable, VendorSignInFailed } from '../../../shared/base/errors.ts';
import { silentLog } from '../../../shared/base/log.ts';
import { routes } from '../../../shared/hub/api/routes.ts';
import { webhookRoutes } from '../../../shared/hub/api/webhook.ts';
import type { Errand } from '../../../shared/hub/errand.ts';
import { servedHub, type Got, type ServedOptions } from './served.ts';

const id = 'directus-nextcloud';
const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A hub that has run once, and somebody who may decide. */
async function aHub(options: ServedOptions = {}) {
  const site = servedHub(options);
  cleanups.push(() => site.close());
  await site.hub.run(id);
  const authorization = await site.token('data_ops');
  const admin = await site.token('admin');
  return {
    ...site,
    get: (path: string): Promise<Got> => site.ask(`GET ${path}`, { authorization }),
    post: (path: string, body?: object): Promise<Got> => site.ask(`POST ${path}`, { authorization, body }),
    asAdmin: (path: string, body?: object): Promise<Got> => site.ask(`POST ${path}`, { authorization: admin, body }),
    asViewer: async (path: string): Promise<Got> => site.ask(`GET ${path}`, { authorization: await site.token('viewer') }),
  };
}

/** "Open days" was moved to different places on both sides. */
async function aParkedHub(options: ServedOptions = {}) {
  const site = await aHub(options);
  const { directus, calendar } = site.world;
  const row = directus.events.all().find(({ title }) => title === 'Open days');
  const object = calendar.objects.all().find(({ text }) => text.includes('SUMMARY:Open days'));
  directus.events.edit(row?.id ?? 0, { location: 'Town hall' });
  calendar.objects.edit(object?.name ?? '', { location: 'Library' });
  site.clock.advance(60_000);
  await site.hub.run(id);
  const { body: { conflicts: [conflict] } } = await site.get('/api/sync/conflicts');
  return { ...site, conflict, row: () => directus.events.get(row?.id ?? 0), object: () => calendar.objects.get(object?.name ?? '')?.text ?? '' };
}

/** Ten of twelve events are gone from Directus. */
async function aHeldHub() {
  const site = await aHub();
  for (let count = 0; count < 8; count += 1) site.world.directus.events.add({ approved: true, status: 'published', title: `Event ${count}` });
  await site.hub.run(id);
  for (const { id: row } of site.world.directus.events.all().filter(({ title }) => title.startsWith('Event '))) site.world.directus.events.remove(row);
  site.clock.advance(60_000);
  await site.hub.run(id);
  const { body: { plans: [plan] } } = await site.get('/api/sync/plans?state=held');
  return { ...site, plan };
}

describe('triggers', () => {
  test.each(['/api/sync/trigger', `/api/sync/${id}`])('POST %s runs the connector and answers with the report', async (path) => {
    const site = await aHub();
    site.world.change();

    const { status, body } = await site.post(path);

    expect(status).toBe(200);
    expect(body.report).toMatchObject({ connector: id, state: 'finished', streams: { events: { created: 1 } } });
    expect(await site.hub.run(id, { dry: true })).toMatchObject({ planned: 0 });
  });

  test('a dry run tells what would be done and writes nothing', async () => {
    const site = await aHub();
    site.world.change();

    const { body } = await site.post('/api/sync/trigger', { connector: id, dryRun: true });

    expect(body.report).toMatchObject({ planned: 1, changes: [{ kind: 'create', side: 'target' }] });
    expect(await site.hub.run(id, { dry: true })).toMatchObject({ planned: 1 });
  });

  test('a full run and a cleaning one are asked for in the body', async () => {
    const errands: Errand[] = [];
    const site = await aHub({ wrapHost: (host) => ({ ...host, start: (errand) => { errands.push(errand); return host.start(errand); } }) });

    await site.post(`/api/sync/${id}`, { full: true, only: 'events' });
    await site.post(`/api/sync/${id}`, { clean: true });

    expect(errands).toMatchObject([{ kind: 'run', connector: id, full: true, only: 'events' }, { kind: 'run', connector: id, clean: true }]);
  });

  test('a connector or stream that there is not, and an option that there is not, are told by name', async () => {
    const site = await aHub();

    const [none, stream, option, where] = await Promise.all([site.post('/api/sync/trigger', { connector: 'none' }), site.post(`/api/sync/${id}`, { only: 'people' }), site.post(`/api/sync/${id}`, { force: true }), site.post('/api/sync/none')]);

    expect([none.status, stream.status, option.status, where.status]).toEqual([404, 400, 400, 404]);
    expect([none.body.detail, stream.body.detail, option.body.problems.join()]).toEqual([expect.stringContaining(id), expect.stringContaining('it has events'), expect.stringContaining('force')]);
  });

  test('two at once are done in turn, and the second finds nothing to do', async () => {
    const site = await aHub();
    site.world.change();

    const both = await Promise.all([site.post('/api/sync/trigger'), site.post('/api/sync/trigger')]);

    // Which of the two is first nobody can say: signatures are checked in threads.
    expect(new Set(both.map(({ body }) => body.report.planned))).toEqual(new Set([0, 1]));
  });

  test('one that takes longer than a caller can wait is answered with 202, and goes on', async () => {
    const gate = Promise.withResolvers<undefined>();
    const impatient = { now: () => 0, sleep: async () => {} };
    const site = await aHub({ waits: impatient, wrapHost: (host) => ({ ...host, start: async (errand) => { const answer = await host.start(errand); gate.resolve(undefined); return answer; } }) });
    site.world.change();

    const { status, headers, body } = await site.post('/api/sync/trigger');
    await gate.promise;
    await site.host.idle();

    expect({ status, location: headers['location'], body }).toMatchObject({ status: 202, location: '/api/sync/status', body: { connector: id, state: 'underway', since: expect.any(String) } });
    expect(await site.hub.run(id, { dry: true })).toMatchObject({ planned: 0 });
  });
});

describe('what keeps an errand from being done has its own status and code', () => {
  const known: readonly (readonly [Error, number, string, RegExp])[] = [
    [new AnotherRunActive(id), 409, 'E_RUNNING', /this trigger is remembered/],
    [new ConfigurationInvalid(['NEXTCLOUD_URL is not set']), 422, 'E_CONFIG', /NEXTCLOUD_URL is not set/],
    [new StoreUnavailable({ store: 'a/path/of/ours', problem: 'is full', advice: 'free some space' }), 503, 'E_STORE', /^(?!.*a.path).*its log says/],
    [new VendorSignInFailed({ vendor: 'nextcloud', call: 'PROPFIND', status: 401 }), 502, 'E_SIGN_IN', /nextcloud did not accept/],
  ];

  test.each(known)('%s', async (error, status, code, detail) => {
    const site = await aHub();
    site.hub.run = () => Promise.reject(error);

    const got = await site.post('/api/sync/trigger');

    expect(got.status).toBe(status);
    expect(got.body).toMatchObject({ type: 'about:blank', title: expect.any(String), status, code, detail: expect.stringMatching(detail), instance: 'urn:request:r-1' });
  });

  test('what to set is advised where something is not set, and not where a word was mistyped', async () => {
    const site = await aHub();
    const problemsOf = async (problem: string): Promise<unknown> => {
      site.hub.run = () => Promise.reject(new ConfigurationInvalid([problem]));
      return (await site.post('/api/sync/trigger')).body.advice;
    };

    expect(await problemsOf('NEXTCLOUD_URL is not set (calendar home)')).toContain('.env');
    expect(await problemsOf('there is no such stream')).toBeUndefined();
  });

  test('what nobody foresaw is 500 without details, and the log has no message either', async () => {
    const lines: string[] = [];
    const log = { ...silentLog, error: (facts: object, message: string) => lines.push(JSON.stringify({ ...facts, message })), info: (facts: object) => lines.push(JSON.stringify(facts)) };
    const site = await aHub({ log });
    site.hub.run = () => Promise.reject(new TypeError('Ada Lovelace, 12 Some Street'));

    const { status, body } = await site.post('/api/sync/trigger');

    expect({ status, code: body.code }).toEqual({ status: 500, code: 'E_UNEXPECTED' });
    expect(JSON.stringify(body)).not.toContain('Ada');
    expect(lines.join()).toContain('TypeError');
    expect(lines.join()).not.toMatch(/Ada Lovelace|Some Street/);
  });
});

describe('reading', () => {
  test('health and status tell a held plan, and health tells the public no more than that a person is needed', async () => {
    const { ask, get, plan } = await aHeldHub();

    const [open, health, status] = await Promise.all([ask('GET /health'), get('/api/sync/health'), get('/api/sync/status')]);

    expect(open.body).toEqual({ status: 'attention' });
    expect(health.body).toMatchObject({ status: 'attention', connectors: [{ connector: id, configured: true, state: 'held', trouble: [] }] });
    expect(status.body).toMatchObject({ connectors: [{ connector: id, heldPlans: [{ id: plan.id, waiting: 8 }] }] });
  });

  test('health is asked of our tables once in fifteen seconds, however often the public asks', async () => {
    const { ask, hub, clock } = await aHub();
    let asked = 0;
    for (const { runs } of hub.remembered.memories) {
      const before = { ...runs };
      runs.state = () => { asked += 1; return asked === 1 ? Promise.reject(new StoreUnavailable({ store: 'the table', problem: 'is away', advice: 'wait' })) : before.state(); };
    }

    const first = await ask('GET /health');
    const then = [await ask('GET /health'), await ask('GET /health')];
    clock.advance(15_000);
    await ask('GET /health');

    expect([first.status, ...then.map(({ status }) => status)]).toEqual([503, 200, 200]);
    expect(asked).toBe(3);
  });

  test('a system that refuses our sign-in is told by health and problems, with what to do', async () => {
    const site = servedHub({ env: { NEXTCLOUD_PASSWORD: 'wrong-password' } });
    cleanups.push(() => site.close());
    const authorization = await site.token('viewer');
    await site.hub.run(id);

    const [health, problems] = await Promise.all([site.ask('GET /api/sync/health', { authorization }), site.ask('GET /api/sync/problems', { authorization })]);

    expect(health.body.connectors[0].trouble).toMatchObject([{ code: 'E_SIGN_IN', advice: expect.stringContaining('concord connect') }]);
    expect(problems.body.problems).toMatchObject([{ connector: id, stream: '*', code: 'E_SIGN_IN' }]);
  });

  test('runs are listed, latest first, and each has its page', async () => {
    const site = await aHub();
    site.world.change();
    site.clock.advance(60_000);
    await site.hub.run(id);

    const list = await site.get('/api/sync/runs');
    const page = await site.get(`/api/sync/runs/${list.body.runs[0].run}?connector=${id}`);
    const none = await site.get('/api/sync/runs/none');

    expect(list.body.runs).toMatchObject([{ connector: id, state: 'finished', planned: 1 }, { connector: id, state: 'finished' }]);
    expect(page.body).toMatchObject({ connector: id, report: { planned: 1, changes: [{ kind: 'create' }] } });
    expect(none).toMatchObject({ status: 404, body: { code: 'E_NOT_FOUND' } });
  });

  test('the last run has a page also when it found nothing to do', async () => {
    const site = await aHub();
    site.clock.advance(60_000);
    const { run } = await site.hub.run(id);

    expect(await site.get(`/api/sync/runs/${run}`)).toMatchObject({ status: 200, body: { report: { planned: 0 } } });
  });

  test('a conflict is listed by its fields; both versions are for those alone who may decide', async () => {
    const { conflict, get, asViewer } = await aParkedHub();

    const [list, page, refused] = await Promise.all([asViewer('/api/sync/conflicts'), get(`/api/sync/conflicts/${conflict.id}`), asViewer(`/api/sync/conflicts/${conflict.id}`)]);

    expect(list.body.conflicts).toMatchObject([{ connector: id, stream: 'events', fields: ['location'] }]);
    expect(JSON.stringify(list.body)).not.toMatch(/Town hall|Library/);
    expect(page.body.pair.conflict.fields).toEqual([{ field: 'location', source: 'Town hall', target: 'Library' }]);
    expect(refused.status).toBe(403);
  });

  test('explain tells what is known, and 404 where nothing is', async () => {
    const { conflict, get } = await aParkedHub();

    const [known, unknown, nowhere] = await Promise.all([get(`/api/sync/explain/${id}/${encodeURIComponent(conflict.targetId)}`), get(`/api/sync/explain/${id}/4711`), get('/api/sync/explain/none/1')]);

    expect(known.body).toMatchObject({ id: conflict.targetId, links: [{ state: 'parked', key: conflict.id }] });
    expect([unknown.status, nowhere.status]).toEqual([404, 404]);
  });

  test('what waits for a person is among the problems, with what to do about it', async () => {
    const { conflict, get } = await aParkedHub();

    const { body } = await get(`/api/sync/problems?connector=${id}`);

    expect(body).toMatchObject({ more: false, problems: [{ id: conflict.id, state: 'parked', code: 'BOTH_EDITED' }] });
  });
});

describe('a held plan', () => {
  test('shows each change that waits, goes when it is released, and is carried out by the run that follows', async () => {
    const { plan, get, post, world } = await aHeldHub();
    const before = world.calendar.objects.size;

    const page = await get(`/api/sync/plans/${plan.id}`);
    const released = await post(`/api/sync/plans/${plan.id}/release`);
    const again = await post(`/api/sync/plans/${plan.id}/release`);

    expect(page.body).toMatchObject({ connector: id, state: 'held', waiting: 8, held: [{ code: 'TOO_MANY_WITHDRAWALS' }] });
    expect(page.body.lines).toHaveLength(8);
    expect(released.body).toMatchObject({ released: plan.id, changed: true, report: { state: 'finished' } });
    expect(world.calendar.objects.size).toBe(before - 8);
    expect(again).toMatchObject({ status: 200, body: { released: plan.id, changed: false, report: { planned: 0 } } });
  });

  test('carries out just what it shows, or nothing yet, where the body says so', async () => {
    const { plan, post, get, world } = await aHeldHub();
    const before = world.calendar.objects.size;

    const { body } = await post(`/api/sync/plans/${plan.id}/release`, { next: 'nothing' });
    const between = world.calendar.objects.size;
    await post(`/api/sync/${id}`);

    expect(body).toEqual({ connector: id, released: plan.id, changed: true });
    expect([between, world.calendar.objects.size]).toEqual([before, before - 8]);
    expect((await get(`/api/sync/plans/${plan.id}`)).body).toMatchObject({ state: 'released', releasedBy: 'ada' });
  });

  test('with carry-out no side is read for news', async () => {
    const { plan, post, world } = await aHeldHub();
    world.directus.events.add({ approved: true, status: 'published', title: 'Brand new' });

    const { body } = await post(`/api/sync/plans/${plan.id}/release`, { next: 'carry-out' });

    expect(body.report).toMatchObject({ streams: { events: { deleted: 8, created: 0 } } });
  });

  test('whose changes went into a later one is not released', async () => {
    const { plan, post, world, hub, clock } = await aHeldHub();
    for (let count = 0; count < 8; count += 1) world.directus.events.add({ approved: true, status: 'published', title: `Event ${count}` });
    clock.advance(60_000);
    await hub.run(id, { full: true });
    await hub.remembered.memories[0]?.runs.savePlan({ id: plan.id, at: plan.at, state: 'replaced', held: plan.held, changes: plan.changes, withdrawals: plan.withdrawals });

    expect(await post(`/api/sync/plans/${plan.id}/release`)).toMatchObject({ status: 409, body: { code: 'E_NOT_HELD' } });
  });

  test('that there is not is 404', async () => {
    const { post } = await aHub();

    expect((await post('/api/sync/plans/none/release')).status).toBe(404);
  });
});

describe('a conflict', () => {
  test('is settled for one side, and restored, both sides each time', async () => {
    const { conflict, post, row, object } = await aParkedHub();

    const settled = await post(`/api/sync/conflicts/${conflict.id}/resolve`, { take: 'target' });
    const after = [row()?.['location'], object().includes('LOCATION:Library')];
    const restored = await post(`/api/sync/conflicts/${conflict.id}/restore`);

    expect(settled).toMatchObject({ status: 200, body: { settled: true, fields: ['location'], report: { streams: { events: { updated: 1 } } } } });
    expect(after).toEqual(['Library', true]);
    expect(restored.status).toBe(200);
    expect([row()?.['location'], object().includes('LOCATION:Town hall')]).toEqual(['Town hall', true]);
  });

  test('is settled field by field, if each field in question is named', async () => {
    const { conflict, post, object } = await aParkedHub();

    const wrong = await post(`/api/sync/conflicts/${conflict.id}/resolve`, { take: { title: 'source' } });
    const right = await post(`/api/sync/conflicts/${conflict.id}/resolve`, { take: { location: 'source' } });

    expect(wrong).toMatchObject({ status: 400, body: { problems: ['location is in question too', 'title is not in question; in question are location'] } });
    expect(right.status).toBe(200);
    expect(object()).toContain('LOCATION:Town hall');
  });

  test('that has changed since it was shown is not settled', async () => {
    const { conflict, get, post, world, clock, hub, row } = await aParkedHub();
    const { body: { version } } = await get(`/api/sync/conflicts/${conflict.id}`);
    world.directus.events.edit(Number(conflict.sourceId), { location: 'Station' });
    clock.advance(60_000);
    await hub.run(id);

    const { status, body } = await post(`/api/sync/conflicts/${conflict.id}/resolve`, { take: 'target', version });

    expect({ status, code: body.code }).toEqual({ status: 412, code: 'E_CHANGED' });
    expect(row()).toMatchObject({ location: 'Station' });
  });

  test('that is none, or of an item that nobody knows, is refused', async () => {
    const { conflict, post } = await aParkedHub();
    await post(`/api/sync/conflicts/${conflict.id}/resolve`, { take: 'source' });

    const [settled, unknown] = await Promise.all([post(`/api/sync/conflicts/${conflict.id}/resolve`, { take: 'source' }), post('/api/sync/conflicts/4711/resolve', { take: 'source' })]);

    expect(settled).toMatchObject({ status: 409, body: { code: 'E_REFUSED' } });
    expect(unknown.status).toBe(404);
  });

  test('is not settled while its connector is paused', async () => {
    const { conflict, post } = await aParkedHub();
    await post(`/api/sync/${id}/pause`, { why: 'moving house' });

    expect(await post(`/api/sync/conflicts/${conflict.id}/resolve`, { take: 'source' })).toMatchObject({ status: 409, body: { code: 'E_PAUSED' } });
  });
});

describe('problems', () => {
  test('are looked at again one by one, or all at once', async () => {
    const { conflict, post, world, row } = await aParkedHub();

    const still = await post(`/api/sync/problems/${conflict.id}/retry`);
    world.calendar.objects.edit(world.calendar.objects.all().find(({ text }) => text.includes('SUMMARY:Open days'))?.name ?? '', { location: String(row()?.['location']) });
    const mended = await post('/api/sync/problems/retry-all');
    const nothing = await post('/api/sync/problems/retry-all');
    const unknown = await post('/api/sync/problems/4711/retry');

    expect(still.body.reports).toMatchObject([{ problems: [{ code: 'BOTH_EDITED' }] }]);
    expect(mended.body.reports).toMatchObject([{ state: 'finished', problems: [] }]);
    expect(nothing.body).toEqual({ reports: [] });
    expect(unknown.status).toBe(404);
  });

  test('looking at everything again answers what only gave up on its way to a worker, though no item tells of it', async () => {
    const { hub, post, get } = await aHub();
    const [memory] = hub.remembered.memories;
    await memory?.letters.add({ id: 'a-message', at: 0, why: 'unreadable', keys: [], tries: 1 });
    const before = await get('/api/sync/status');

    const { status } = await post('/api/sync/problems/retry-all');

    expect(before.body.connectors).toMatchObject([{ state: 'attention', gaveUp: { count: 1 } }]);
    expect(status).toBe(200);
    expect(await memory?.letters.list()).toEqual([]);
  });
});

describe('a problem that is dismissed', () => {
  test('is not shown again and asks for nobody, is tried and counted as before, and is news once it changes', async () => {
    const { conflict, ask, get, post, hub, world, clock } = await aParkedHub();

    const { body } = await post(`/api/sync/problems/${conflict.id}/dismiss`);
    clock.advance(60_000);
    const run = await hub.run(id);
    const [shown, all, [status], health] = await Promise.all([get('/api/sync/problems'), get('/api/sync/problems?dismissed=true'), hub.status(), ask('GET /health')]);
    world.directus.events.edit(Number(conflict.sourceId), { location: 'Station' });
    clock.advance(60_000);
    await hub.run(id);
    const news = await get('/api/sync/problems');

    expect(body).toMatchObject({ connector: id, dismissed: true });
    expect(run.problems).toMatchObject([{ code: 'BOTH_EDITED' }]);
    expect(shown.body.problems).toEqual([]);
    expect(all.body.problems).toMatchObject([{ id: conflict.id, dismissed: { by: 'ada' } }]);
    expect(status).toMatchObject({ state: 'ok', dismissed: 1, open: { events: { parked: 1 } } });
    expect(health.body).toEqual({ status: 'ok' });
    expect(news.body.problems).toMatchObject([{ id: conflict.id }]);
  });

  test('has to be one', async () => {
    const { conflict, post } = await aParkedHub();
    await post(`/api/sync/conflicts/${conflict.id}/resolve`, { take: 'source' });

    const [settled, unknown] = await Promise.all([post(`/api/sync/problems/${conflict.id}/dismiss`), post('/api/sync/problems/4711/dismiss')]);

    expect(settled).toMatchObject({ status: 409, body: { code: 'E_NOT_OPEN' } });
    expect(unknown.status).toBe(404);
  });
});

test('pause and resume say whether they changed anything', async () => {
  const { post, get } = await aHub();

  const said = [(await post(`/api/sync/${id}/pause`, { why: 'moving house' })).body.changed, (await post(`/api/sync/${id}/pause`)).body.changed];
  const { body } = await get('/api/sync/status');
  const run = await post('/api/sync/trigger');
  said.push((await post(`/api/sync/${id}/resume`)).body.changed, (await post(`/api/sync/${id}/resume`)).body.changed);

  expect(said).toEqual([true, false, true, false]);
  expect(body.connectors[0]).toMatchObject({ state: 'paused', paused: { by: 'ada', why: 'moving house' } });
  expect(run.body.report).toMatchObject({ state: 'paused', problems: [{ code: 'E_PAUSED' }] });
});

test('reset makes the next run read both sides whole, once its name is confirmed, and deletes nothing', async () => {
  const { asAdmin, hub, clock, world } = await aHub();
  const usual = (await hub.run(id)).calls;
  const objects = world.calendar.objects.size;

  const unsure = await asAdmin('/api/sync/reset', { connector: id, confirm: 'yes' });
  const sure = await asAdmin('/api/sync/reset', { connector: id, confirm: id });
  clock.advance(60_000);
  const whole = await hub.run(id);

  expect([unsure.status, sure.status]).toEqual([400, 200]);
  expect(sure.body).toEqual({ connector: id, nextRun: 'full' });
  expect(whole).toMatchObject({ state: 'finished', planned: 0 });
  expect(whole.streams['events']?.read).toBeGreaterThan(objects);
  expect(whole.calls['nextcloud']).toBeGreaterThan(usual['nextcloud'] ?? 0);
});

test('the description of the interface tells of every route there is, and of no other', async () => {
  const { get } = await aHub();

  const { body } = await get('/api/openapi.json');
  const told = Object.entries(body.paths).flatMap(([path, methods]) => Object.keys(Object(methods)).map((method) => `${method.toUpperCase()} ${path}`));

  expect(body.openapi).toBe('3.1.0');
  expect(told.sort()).toEqual([...routes, ...webhookRoutes].map(({ method, path }) => `${method} ${path.replace('+}', '}')}`).sort());
  expect(body.paths['/api/sync/trigger'].post.requestBody.content['application/json'].schema).toMatchObject({ type: 'object', properties: { dryRun: { type: 'boolean', description: expect.any(String) } }, additionalProperties: false });
  expect(body.paths['/api/sync/conflicts/{id}/resolve'].post.requestBody.required).toBe(true);
  expect(body.paths['/health'].get.security).toEqual([]);
});

test('no connector of the catalog has a name that is a route', async () => {
  const { memories } = (await aHub()).hub.remembered;
  const words = new Set(routes.map(({ path }) => path.split('/')[3] ?? ''));

  expect(memories.filter(({ entry }) => words.has(entry.id))).toEqual([]);
});

test('the log of a request holds its route, and neither ids, names nor what was sent', async () => {
  const lines: string[] = [];
  const log = { ...silentLog, info: (facts: object, message: string) => lines.push(JSON.stringify({ ...facts, message })) };
  const { post } = await aHub({ log });
  lines.length = 0;

  await post(`/api/sync/${id}/pause`, { why: 'Ada is ill' });

  expect(lines.map((line) => JSON.parse(line))).toEqual([{ request: 'r-1', method: 'POST', route: '/api/sync/{connector}/pause', status: 200, by: 'token', ms: 0, message: 'request' }]);
});
