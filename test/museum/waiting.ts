/** Patience that was missing: systems that had asked for a pause, and items whose time had not come. */
import { deepEqual, equal } from 'node:assert/strict';
import { oneWay } from '../../shared/sync/policy.ts';
import { calendarHub } from '../samples/calendar-hub.ts';
import { notebookHub } from '../samples/notebook-hub.ts';
import type { Exhibit } from './exhibit.ts';
import { inStep, startsAt } from './scenes.ts';

const exhibits: readonly Exhibit[] = [
  {
    name: 'a Retry-After date that nobody read',
    story: 'The vendor named a time instead of seconds. The client read it as nothing, knocked again at once and again, and was locked out for the day.',
    without: { file: 'http/retry-after.ts', find: 'instantOf(text) ?? Number.NaN', replace: 'Number.NaN' },
    async scenario() {
      const hub = calendarHub();
      hub.rows.add({ title: 'Choir', start_date: startsAt, approved: true });
      const retryAfter = new Date(hub.clock.now() + 600_000).toUTCString();
      hub.directus.faults.add({ kind: 'status', status: 503, headers: { 'retry-after': retryAfter }, when: () => true });
      const report = await hub.run();
      equal(report.calls['directus'], 1, `restless: ${report.calls['directus']} calls to a system that had asked for ten minutes of peace`);
    },
  },
  {
    name: 'a refused item sent again and again',
    story: 'One record was refused for a reason that only a person could mend. It was sent again in every run, thousands of times, and used up the quota of all the others.',
    without: { file: 'engine/run.ts', find: 'link.dueAt === undefined || link.dueAt <= now', replace: 'true' },
    async scenario() {
      const hub = notebookHub({ policy: oneWay });
      hub.source.put('1', { title: 'Meeting' });
      hub.target.troubles.set('copy-1', 'refuse');
      await hub.run();
      hub.target.calls.length = 0;
      await hub.run();
      deepEqual(hub.target.calls.filter((call) => call.startsWith('create')), [], 'restless: a refused create was sent again before its time');
    },
  },
  {
    name: 'a tombstone forgotten too soon',
    story: 'The memory of a deletion was dropped the same day. When the item turned up once more, from a restored backup, nobody remembered that it had been deleted.',
    without: { file: 'engine/plan-stream.ts', find: '(link.goneAt ?? Infinity) < stamp.now - tombstoneMs', replace: 'true' },
    async scenario() {
      const hub = await inStep(4);
      hub.source.drop('1');
      await hub.run();
      await hub.run({ full: true });
      equal((await hub.linkOf('pages', '1'))?.state, 'gone', 'lost: the memory that this page had been deleted');
    },
  },
];

export default exhibits;
