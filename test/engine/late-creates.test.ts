/** A worker that was taken for dead, and sends its create after all: see shared/engine/late-creates.ts. */
import { describe, expect, test } from 'vitest';
import { leaseMs } from '../../shared/engine/ports.ts';
import { moderated, oneWay } from '../../shared/sync/policy.ts';
import type { SideWrite } from '../../shared/engine/side.ts';
import { notebookHub, type HubSettings } from '../samples/notebook-hub.ts';

const late: SideWrite = { staged: { kind: 'create', side: 'target', key: 'copy-1', entity: { title: 'Meeting' }, reason: 'new' }, ours: false };

/** A run whose every call to the target is lost. */
async function runAndLose(hub: ReturnType<typeof notebookHub>): Promise<void> {
  const write = hub.target.write.bind(hub.target);
  hub.target.write = async (writes) => writes.map(() => ({ kind: 'lost', sent: true, code: 'E_UNAVAILABLE' }));
  await hub.run();
  hub.target.write = write;
}

/** A hub whose first worker has sent a create that nobody has seen land, and whose claim is over. */
async function sleepingWorker(settings: HubSettings = {}) {
  const hub = notebookHub({ policy: oneWay, target: { power: 'find', delta: true }, ...settings });
  hub.source.put('1', { title: 'Meeting' });
  await runAndLose(hub);
  hub.dead.clear();
  hub.clock.advance(leaseMs + 3_600_000);
  return hub;
}

const madeTwice = { state: 'parked', problem: { code: 'MADE_TWICE' } };

describe('a create that lands late', () => {
  test('is found in the next run, both are named, and nothing is deleted or imported', async () => {
    const hub = await sleepingWorker({ policy: moderated });
    await hub.run();
    await hub.target.write([late]);

    const report = await hub.run({ full: true });
    await hub.run({ full: true });

    expect(await hub.linkOf('pages', '1')).toMatchObject(madeTwice);
    expect(report.problems.map(({ code }) => code)).toContain('MADE_TWICE');
    expect(hub.target.titles).toEqual(['Meeting', 'Meeting']);
    expect(hub.source.titles).toEqual(['Meeting']);
  });

  test.each([['the one that was linked', 0], ['the late one', 1]])('once a person has removed %s, the other is the item, and follows its source', async (_which, index) => {
    const hub = await sleepingWorker();
    await hub.run();
    await hub.target.write([late]);
    await hub.run({ full: true });

    hub.target.drop([...hub.target.pages.keys()][index] ?? '');
    hub.source.put('1', { title: 'Meeting, moved' });
    await hub.run({ full: true });
    await hub.run({ full: true });

    expect(hub.target.titles).toEqual(['Meeting, moved']);
    expect(await hub.linkOf('pages', '1')).toMatchObject({ state: 'agreed' });
    expect((await hub.linkOf('pages', '1'))?.late).toBeUndefined();
  });

  test.each([['is still wanted', true], ['is not wanted any more', false]])('two of them before anybody was linked are named, and the one that a person leaves is the item, where it %s', async (_wish, isWanted) => {
    const hub = await sleepingWorker();
    await hub.target.write([late]);
    await hub.target.write([late]);
    if (!isWanted) hub.source.put('1', {}, false);
    await hub.run();
    await hub.run({ full: true });
    const named = await hub.linkOf('pages', '1');

    hub.target.drop([...hub.target.pages.keys()][0] ?? '');
    await hub.run({ full: true });
    await hub.run({ full: true });

    expect(named).toMatchObject(madeTwice);
    expect(hub.target.titles).toEqual(isWanted ? ['Meeting'] : []);
    expect(await hub.linkOf('pages', '1')).toMatchObject({ state: 'agreed' });
    expect((await hub.linkOf('pages', '1'))?.late).toBeUndefined();
  });

  test('of something that is not wanted any more is withdrawn: it is ours, not a stranger\'s', async () => {
    const hub = await sleepingWorker();
    hub.source.put('1', {}, false);
    await hub.run();
    await hub.target.write([late]);

    await hub.run({ full: true });
    await hub.run({ full: true });

    expect(hub.target.titles).toEqual([]);
  });

  test('keeps what nobody knows waiting until it has been looked for, and no longer', async () => {
    const hub = await sleepingWorker({ policy: moderated });
    hub.target.put('theirs', { title: 'Theirs' });

    const first = await hub.run({ full: true });
    await hub.run({ full: true });

    expect(first.problems.map(({ code }) => code)).toContain('MAY_BE_OURS');
    expect(hub.source.titles).toEqual(['Meeting', 'Theirs']);
  });

  test('of a worker that is known to be dead is not looked for: two runs after it cost no search', async () => {
    const hub = notebookHub({ policy: oneWay, target: { power: 'find', delta: true } });
    hub.source.put('1', { title: 'Meeting' });
    await runAndLose(hub);
    hub.clock.advance(leaseMs + 3_600_000);
    await hub.run();
    hub.target.calls.length = 0;

    await hub.run();
    await hub.run();

    expect(hub.target.calls).not.toContain('find');
  });
});
