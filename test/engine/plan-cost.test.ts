/** What a plan says about its cost: what it stages, and what earlier plans have left to do. */
import { expect, test } from 'vitest';
import { QuotaExhausted } from '../../shared/base/errors.ts';
import { notebookHub, type HubSettings } from '../samples/notebook-hub.ts';

const counting: HubSettings = {
  cost: { system: 'target', calls: ({ kind }) => (kind === 'create' ? 5 : 1) },
  budgets: [{ system: 'target', perSecond: 1, perDay: 20 }],
};

test('a plan tells what its writes take, and writes nothing', async () => {
  const hub = notebookHub(counting);
  for (const id of ['1', '2', '3']) hub.source.put(id, { title: `Page ${id}` });

  const plan = await hub.run({ dry: true });

  expect(plan.cost).toEqual({ target: { calls: 15, perSecond: 1, minutes: 0.3, shareOfDay: 0.75 } });
  expect(hub.target.titles).toEqual([]);
});

test('creates and updates cost what the stream says of each, and a plan without changes has no cost', async () => {
  const hub = notebookHub(counting);
  hub.source.put('1', { title: 'Meeting' });
  await hub.run();
  hub.source.put('1', { title: 'Gathering' });
  hub.source.put('2', { title: 'Choir' });

  const plan = await hub.run({ dry: true });
  await hub.run();
  const quiet = await hub.run({ dry: true });

  expect(plan.cost?.['target']?.calls).toBe(6);
  expect('cost' in quiet).toBe(false);
});

test('what a stopped run has left to do is in the next plan\'s cost', async () => {
  const hub = notebookHub(counting);
  for (const id of ['1', '2', '3', '4', '5']) hub.source.put(id, { title: `Page ${id}` });
  const write = hub.target.write.bind(hub.target);
  hub.target.write = async () => {
    throw new QuotaExhausted({ vendor: 'target', call: 'any call', resetsAt: hub.clock.now() + 3_600_000 });
  };
  await hub.run();
  hub.target.write = write;

  const plan = await hub.run({ dry: true });
  await hub.run();

  expect(plan.cost).toEqual({ target: { calls: 25, perSecond: 1, minutes: 0.5, shareOfDay: 1.25, days: 2 } });
  expect(await hub.run({ dry: true })).not.toHaveProperty('cost');
});

test('a plan that is kept remembers its cost for those who read it later', async () => {
  const hub = notebookHub(counting);
  hub.source.put('1', { title: 'Meeting' });

  const { run } = await hub.run();

  expect(await hub.runs.plan(run)).toMatchObject({ cost: { target: { calls: 5, perSecond: 1 } } });
});

test('a connector that says nothing of calls has no cost in its reports', async () => {
  const hub = notebookHub();
  hub.source.put('1', { title: 'Meeting' });

  expect(await hub.run({ dry: true })).not.toHaveProperty('cost');
});
