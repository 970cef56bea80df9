/** Errands between the control plane and the part of the hub that has a connector's clients: plain data, both ways. */
import { afterEach, expect, test } from 'vitest';
import { ConnectorPaused } from '../../shared/base/errors.ts';
import { silentLog } from '../../shared/base/log.ts';
import { doErrand, type Errand, type ErrandAnswer, type ErrandHub } from '../../shared/hub/errand.ts';
import { hintBox } from '../../shared/hub/hints.ts';
import { localHost } from '../../shared/hub/local-host.ts';
import { servedHub } from './api/served.ts';

const id = 'directus-nextcloud';
const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function aHub() {
  const site = servedHub();
  cleanups.push(() => site.close());
  return site;
}

const errands: readonly Errand[] = [
  { kind: 'run', connector: id, full: true, dry: true },
  { kind: 'look', connector: id },
  { kind: 'settle', connector: id, key: 'k', take: { location: 'source' }, by: 'ada', version: 'v' },
  { kind: 'settle', connector: id, key: 'k', take: 'target', by: 'ada' },
  { kind: 'undo', connector: id, key: 'k', by: 'ada' },
  { kind: 'replay', connector: id },
  { kind: 'carry-out', connector: id, plan: 'p' },
];

test('every errand is answered in plain data, its failure too', async () => {
  const { hub } = aHub();

  const answers: ErrandAnswer[] = [];
  for (const errand of errands) answers.push(await doErrand(hub, errand));

  expect(answers.map(({ kind }) => kind)).toEqual(['reports', 'reports', 'failed', 'failed', 'failed', 'reports', 'reports']);
  expect(JSON.parse(JSON.stringify(answers))).toEqual(answers.map((answer) => JSON.parse(JSON.stringify(answer))));
  expect(answers[2]).toMatchObject({ error: { code: 'E_CONFIG', problems: [expect.stringContaining('nothing is known of k')] } });
});

test('a failure that Concord can name comes as its code, any other is thrown', async () => {
  const paused: ErrandHub = { ...aHub().hub, run: () => Promise.reject(new ConnectorPaused({ connector: id, since: 'today', by: 'ada', why: '' })) };
  const broken: ErrandHub = { ...aHub().hub, run: () => Promise.reject(new TypeError('a bug')) };

  expect(await doErrand(paused, { kind: 'run', connector: id })).toMatchObject({ kind: 'failed', error: { code: 'E_PAUSED' } });
  await expect(doErrand(broken, { kind: 'run', connector: id })).rejects.toThrow('a bug');
});

test('on one machine the errands of a connector are done in turn, and one that fails does not stop the next', async () => {
  const site = aHub();
  const order: string[] = [];
  const host = localHost({ hub: site.hub, clock: { now: () => 0, sleep: () => new Promise(() => {}) }, log: silentLog, heard: ({ planned }) => order.push(`heard ${planned}`) });

  const outcomes = await Promise.allSettled([
    host.inTurn(id, async () => { await Promise.resolve(); order.push('first'); throw new Error('it fails'); }),
    host.start({ kind: 'run', connector: id, dry: true }),
    host.inTurn(id, async () => { order.push('third'); }),
  ]);
  await host.idle();

  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(order).toEqual(['first', expect.stringMatching(/^heard [1-9]/), 'third']);
});

test('many nudges while one waits for its turn are one look', async () => {
  const site = aHub();
  const looks: string[] = [];
  const hub: ErrandHub = { ...site.hub, lookAtHints: async (connector) => { looks.push(connector); return undefined; } };
  const host = localHost({ hub, clock: { now: () => 0, sleep: () => new Promise(() => {}) }, log: silentLog });
  const gate = Promise.withResolvers<undefined>();

  const busy = host.inTurn(id, () => gate.promise);
  await Promise.all([host.nudge(id), host.nudge(id), host.nudge(id)]);
  gate.resolve(undefined);
  await busy;
  await host.idle();
  await host.nudge(id);
  await host.idle();

  expect(looks).toEqual([id, id]);
});

test('who ends the process during the wait before a look finds what was told kept for the next one, and no complaint in the log', async () => {
  const site = aHub();
  const told: string[] = [];
  const log = { ...silentLog, warn: (_facts: object, message: string) => told.push(message), error: (_facts: object, message: string) => told.push(message) };
  const stop = new AbortController();
  const { table } = site.hub.remembered;
  const host = localHost({ hub: site.hub, clock: site.clock, log, signal: stop.signal });
  await hintBox({ table, clock: site.clock }, id).keep({ content: Buffer.from('{}'), hints: [] });

  await host.nudge(id);
  stop.abort(new DOMException('stopped', 'AbortError'));
  await host.idle();

  expect(told).toEqual([]);
  expect((await hintBox({ table, clock: site.clock }, id).take()).count).toBe(1);
});
