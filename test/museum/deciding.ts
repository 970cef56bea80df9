/** Plans that a person should have seen first, and likenesses that were no proof. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { AnotherRunActive } from '../../shared/base/errors.ts';
import { applyLinks } from '../../shared/engine/apply.ts';
import { oneWay } from '../../shared/sync/policy.ts';
import { calendarHub } from '../samples/calendar-hub.ts';
import { notebookHub } from '../samples/notebook-hub.ts';
import { rostersInStep } from '../samples/roster-hub.ts';
import type { Exhibit } from './exhibit.ts';
import { inStep, startsAt, summariesIn } from './scenes.ts';

const exhibits: readonly Exhibit[] = [
  {
    name: 'a filter that suddenly means something else',
    story: 'Somebody renamed a status, and seven of ten events counted as not approved. By the next morning the public calendar was nearly empty.',
    without: { file: 'sync/guard.ts', find: 'counted > limits.countMax', replace: 'false' },
    async scenario() {
      const hub = await inStep(10);
      for (let n = 1; n <= 7; n++) hub.source.put(String(n), {}, false);
      await hub.run();
      equal(hub.target.pages.size, 10, `lost: ${10 - hub.target.pages.size} of 10 pages in one night`);
    },
  },
  {
    name: 'a side that came up empty',
    story: 'The database was restored without its content and answered correctly: nothing there. A handful of items was too few for any share to look alarming.',
    without: { file: 'sync/guard.ts', find: 'of facts.emptied', replace: 'of facts.emptied.slice(0, 0)' },
    async scenario() {
      const hub = await inStep(2);
      hub.source.drop('1');
      hub.source.drop('2');
      await hub.run();
      equal(hub.target.pages.size, 2, 'lost: everything, because a side was empty for once');
    },
  },
  {
    name: 'a calendar emptied by a wrong address',
    story: 'After a move the setting pointed to a test system that held one event. Whatever was not there counted as deleted, and left the real calendar.',
    without: { file: 'engine/plan.ts', find: 'memory.identity !== stream[side].identity()', replace: 'false' },
    async scenario() {
      const hub = await inStep(4);
      hub.source.address = 'test system';
      for (const id of ['2', '3', '4']) hub.source.drop(id);
      await hub.run();
      equal(hub.target.pages.size, 4, 'lost: what another system had never held');
    },
  },
  {
    name: 'many small plans that add up',
    story: 'Each run withdrew three events, which was never too many at once. By evening, run after run, the calendar had lost most of what it held.',
    without: { file: 'engine/plan.ts', find: 'sum + entry.count', replace: 'sum' },
    async scenario() {
      const hub = await inStep(20);
      for (const batch of [[1, 2, 3], [4, 5, 6], [7, 8, 9]]) {
        for (const n of batch) hub.source.put(String(n), {}, false);
        await hub.run();
      }
      equal(hub.target.pages.size, 17, `lost: ${20 - hub.target.pages.size} of 20 pages within a day, three at a time`);
    },
  },
  {
    name: 'a roster that broke in a large stream',
    story: 'The registrations of one event were not listed any more. Among all the others they were a few per cent, and its participants were told that they were off the list.',
    without: { file: 'engine/rosters.ts', find: 'guardPer === undefined', replace: 'true' },
    async scenario() {
      const hub = await rostersInStep({ choir: 8, fair: 40 });
      for (let n = 1; n <= 8; n++) hub.participants.source.drop(`choir-${n}`);
      await hub.run();
      equal(hub.participants.target.pages.size, 48, `lost: ${48 - hub.participants.target.pages.size} of the 8 participants of one event`);
    },
  },
  {
    name: 'a held plan released by accident',
    story: 'The plan waited for a person, but a late message named its items. The worker did what the message said, and deleted them.',
    without: { file: 'engine/apply.ts', find: 'released.get(link.pending.plan) === true', replace: 'true' },
    async scenario() {
      const hub = await inStep(10);
      for (let n = 1; n <= 7; n++) hub.source.put(String(n), {}, false);
      await hub.run();
      const links = await Promise.all(['1', '2', '3'].map((id) => hub.linkOf('pages', id)));
      await applyLinks(hub.world(), hub.stream, 'late', links.map((link) => link?.key ?? ''));
      equal(hub.target.pages.size, 10, 'lost: pages of a plan that waited for a person');
    },
  },
  {
    name: 'two planners at once',
    story: 'The nightly run had not ended when the hourly one began. Both read, both decided, and each wrote on the strength of what the other was changing.',
    without: { file: 'engine/plan.ts', find: 'isTaken(world, state.lease)', replace: 'false' },
    async scenario() {
      const hub = await inStep(2);
      let second: unknown;
      hub.source.afterRead = async () => {
        hub.source.afterRead = undefined;
        second = await hub.run().catch((error: unknown) => error);
      };
      await hub.run();
      ok(second instanceof AnotherRunActive, 'doubled: a second planner read and decided while the first one was at it');
    },
  },
  {
    name: 'a duplicate from an ambiguous title',
    story: 'Two events in the calendar were called alike. The tool could not tell which one was meant, so it created another one on either side.',
    without: { file: 'engine/new-cases.ts', find: 'ambiguous[side].has(item.id)', replace: 'false' },
    async scenario() {
      const hub = calendarHub();
      hub.rows.add({ title: 'Meeting', start_date: startsAt, approved: true });
      for (const n of [1, 2]) hub.objects.put({ uid: `theirs-${n}@example.org`, summary: 'Meeting', start: '20270304T180000Z' }, `theirs-${n}.ics`);
      await hub.run();
      deepEqual([hub.objects.size, hub.rows.all().length], [2, 1], 'doubled: three meetings that could be two were made into more');
    },
  },
  {
    name: 'the wrong one of two namesakes',
    story: 'Two members had entered a meeting of the same name. The tool took the first one for its own, and wrote the board’s agenda over it.',
    without: { file: 'engine/match.ts', find: 'mine.length === 1 && others.length === 1', replace: 'true' },
    async scenario() {
      const hub = calendarHub();
      hub.rows.add({ title: 'Meeting', start_date: startsAt, approved: true, location: 'Town hall' });
      for (const place of ['Garden', 'Library']) hub.objects.put({ uid: `${place}@example.org`, summary: 'Meeting', start: '20270304T180000Z', location: place }, `${place}.ics`);
      await hub.run();
      const places = new Set(hub.objects.all().map(({ text }) => /LOCATION:(.*)\r/.exec(text)?.[1]));
      deepEqual([summariesIn(hub), places], [['Meeting', 'Meeting'], new Set(['Garden', 'Library'])], 'overwritten: a member’s meeting, by another one of its name');
    },
  },
  {
    name: 'a stranger under our name',
    story: 'The create was answered with “exists already”, and the tool took that for its own earlier try. What stood there was somebody else’s.',
    without: { file: 'engine/answers.ts', find: 'answer.item !== undefined || isOurs(sideName, link, item)', replace: 'true' },
    async scenario() {
      const hub = notebookHub({ policy: oneWay });
      hub.source.put('1', { title: 'Meeting' });
      hub.source.afterRead = () => hub.target.put('copy-1', { title: 'A stranger' });
      const lookUp = hub.target.lookUp.bind(hub.target);
      // The server says which of its records holds the name: another one than ours would be.
      hub.target.lookUp = async (ids) => (await lookUp(ids)).map((looked) => (looked.kind === 'present' ? { ...looked, item: { ...looked.item, id: 'someone-else' } } : looked));
      await hub.run();
      equal((await hub.linkOf('pages', '1'))?.targetId, undefined, 'overwritten: a stranger’s page was linked as ours, and its text is ours to change from now on');
    },
  },
];

export default exhibits;
