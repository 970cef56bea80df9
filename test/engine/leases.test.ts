import { expect, test } from 'vitest';
import { AnotherRunActive } from '../../shared/base/errors.ts';
import { applyLinks } from '../../shared/engine/apply.ts';
import { asOnlyWriter, leaseKeeper } from '../../shared/engine/leases.ts';
import { openRun } from '../../shared/engine/plan.ts';
import { leaseMs } from '../../shared/engine/ports.ts';
import { oneWay } from '../../shared/sync/policy.ts';
import { notebookHub } from '../samples/notebook-hub.ts';

test('two planners never hold a connector at once, and the second one’s trigger is remembered', async () => {
  const hub = notebookHub();
  const [first, second] = [hub.world(), hub.world()];
  await openRun(first, hub.connector);

  const refused = openRun(second, hub.connector);

  await expect(refused).rejects.toBeInstanceOf(AnotherRunActive);
  expect(await hub.runs.state()).toMatchObject({ lease: { worker: first.worker }, again: true });
});

test('a lease is free when its time is over, or at once when its holder is known to be dead', async () => {
  const hub = notebookHub();
  const [slow, dead] = [hub.world(), hub.world()];
  await openRun(slow, hub.connector);
  hub.clock.advance(leaseMs + 1);
  await openRun(dead, hub.connector);
  hub.dead.add(dead.worker);

  const { state } = await openRun(hub.world(), hub.connector);

  expect(state.seq).toBe(3);
});

test('a long run prolongs its lease, and stops when it was lost', async () => {
  const hub = notebookHub();
  const mine = hub.world();
  await openRun(mine, hub.connector);
  const keep = leaseKeeper(mine, hub.connector.id);
  hub.clock.advance(leaseMs / 2);
  await keep();
  const prolonged = (await hub.runs.state()).lease?.until ?? 0;
  hub.clock.advance(leaseMs + 1);
  await openRun(hub.world(), hub.connector);

  const lost = keep();

  expect(prolonged).toBe(hub.clock.now() - leaseMs - 1 + leaseMs);
  await expect(lost).rejects.toBeInstanceOf(AnotherRunActive);
});

test('a system that bears one writer is written by one worker at a time; the other one waits', async () => {
  const hub = notebookHub({ policy: oneWay });
  hub.target.oneWriter = true;
  hub.source.put('1', { title: 'Meeting' });
  const write = hub.target.write.bind(hub.target);
  hub.target.write = async () => { throw new Error('killed'); };
  await hub.run().catch(() => undefined);
  hub.target.write = write;
  const keys = [(await hub.linkOf('pages', '1'))?.key ?? ''];

  const meanwhile = await asOnlyWriter(hub.world(), 'target', () => applyLinks(hub.world(), hub.stream, 'run', keys));
  const afterwards = await applyLinks(hub.world(), hub.stream, 'run', keys);

  expect(meanwhile?.outcomes).toMatchObject([{ kind: 'waiting', what: 'WRITER_BUSY' }]);
  expect(afterwards.outcomes).toMatchObject([{ kind: 'applied', what: 'created' }]);
  expect(hub.target.titles).toEqual(['Meeting']);
});
