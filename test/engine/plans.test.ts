/** The kinds of plans: full and delta (run.test.ts), targeted at what somebody named, and one that had to stop in the middle. */
import { describe, expect, test } from 'vitest';
import { oneWay } from '../../shared/sync/policy.ts';
import { notebookHub } from '../samples/notebook-hub.ts';

describe('a targeted plan', () => {
  test('looks at what was named and nothing else', async () => {
    const hub = notebookHub();
    for (const id of ['1', '2']) hub.source.put(id, { title: `Page ${id}` });
    await hub.run();
    hub.source.put('1', { title: 'First, moved' });
    hub.source.put('2', { title: 'Second, moved' });
    hub.source.calls.length = 0;

    const report = await hub.run({ hints: [{ stream: 'pages', side: 'source', ids: ['1'] }] });

    expect(hub.target.titles).toEqual(['First, moved', 'Page 2']);
    expect(hub.source.calls).toEqual(['look-up']);
    expect(report.streams['pages']).toMatchObject({ updated: 1 });
  });

  test('makes what is new, withdraws what is gone, and leaves cursors where they were', async () => {
    const hub = notebookHub();
    for (const id of ['1', '2', '3']) hub.source.put(id, { title: `Page ${id}` });
    await hub.run();
    const before = (await hub.runs.state()).sides;
    hub.source.put('4', { title: 'Page 4' });
    hub.source.drop('1');

    await hub.run({ hints: [{ stream: 'pages', side: 'source', ids: ['4', '1'] }] });

    expect(hub.target.titles).toEqual(['Page 2', 'Page 3', 'Page 4']);
    expect((await hub.runs.state()).sides).toEqual(before);
  });

  test('an early, late or repeated hint does no harm', async () => {
    const hub = notebookHub();
    hub.source.put('1', { title: 'Page 1' });
    const hints = [{ stream: 'pages', side: 'source' as const, ids: ['1', '1', 'not there'] }];

    for (let n = 0; n < 3; n++) await hub.run({ hints });

    expect(hub.target.titles).toEqual(['Page 1']);
  });
});

describe('a plan that had to stop', () => {
  test('is continued by the next run: one plan in all, nothing decided twice, nothing applied before it is whole', async () => {
    const hub = notebookHub({ policy: oneWay });
    for (let n = 1; n <= 1200; n++) hub.source.put(String(n), { title: `Page ${n}` });
    let asked = 0;

    const first = await hub.run({ mustStop: () => ++asked > 1 });
    const between = hub.target.pages.size;
    const second = await hub.run();

    expect([first.state, between]).toEqual(['paused', 0]);
    expect(second.streams['pages']).toMatchObject({ created: 1200 });
    expect((await hub.runs.plans()).map((plan) => [plan.state, plan.changes])).toEqual([['released', 1200]]);
    expect(hub.target.pages.size).toBe(1200);
  });
});
