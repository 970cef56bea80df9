/** Things that were deleted although nobody wanted that, and things that came back although somebody had deleted them. */
import { deepEqual, equal } from 'node:assert/strict';
import { defaultGuard } from '../../shared/sync/guard.ts';
import { mirror, oneWay } from '../../shared/sync/policy.ts';
import { calendarHub } from '../samples/calendar-hub.ts';
import { driver, notebookHub } from '../samples/notebook-hub.ts';
import { Notebook, notebookKey } from '../samples/notebook.ts';
import { rostersInStep } from '../samples/roster-hub.ts';
import type { Exhibit } from './exhibit.ts';
import { filled, inCalendar, inStep, startsAt, summariesIn } from './scenes.ts';

/** Visits belong to people, and both are kept in step. */
function peopleAndVisits() {
  const hub = notebookHub();
  const people = { ...hub.stream, name: 'people', policy: mirror, source: new Notebook({ system: 'source' }), target: new Notebook({ system: 'target' }) };
  const visits = {
    ...hub.stream, name: 'visits', policy: mirror, fields: ['title', 'person'], keyFor: notebookKey, guard: { ...defaultGuard, shareMax: 1 },
    source: new Notebook({ system: 'source', parents: (page) => ({ person: { stream: 'people', sourceId: String(page.entity['person']) } }) }),
    target: new Notebook({ system: 'target' }),
  };
  for (const [person, visit] of [['p1', 'v1'], ['p2', 'v2']] as const) {
    people.source.put(person, { title: person });
    visits.source.put(visit, { title: visit, person });
  }
  return { ...driver({ clock: hub.clock, table: hub.table, streams: [people, visits] }), people, visits };
}

const exhibits: readonly Exhibit[] = [
  {
    name: 'an adopted item deleted',
    story: 'A page had stood in the target long before the tool came, and was only linked. When its twin in the source went, the tool deleted what it had never made.',
    without: { file: 'sync/policy.ts', find: `link.origin !== 'adopted'`, replace: 'true' },
    async scenario() {
      const hub = filled(3, { policy: oneWay });
      hub.target.put('theirs', { title: 'Page 1' });
      await hub.run();
      hub.source.drop('1');
      await hub.run();
      equal(hub.target.text('theirs'), 'Page 1', 'lost: a page that stood there before us');
    },
  },
  {
    name: 'a restored item brought in as news',
    story: 'Somebody restored an old event from the trash. The tool’s memory was gone, it took the event for a member’s own, and the withdrawn event was back in the source.',
    without: { file: 'sync/decide.ts', find: 'target.item.reference !== undefined', replace: 'false' },
    async scenario() {
      const hub = calendarHub();
      hub.rows.add({ title: 'Stays', start_date: startsAt, approved: true });
      hub.objects.put({ uid: 'nonprofit-99@directus', summary: 'Withdrawn', start: '20270501T100000Z' }, 'withdrawn.ics');
      await hub.run();
      deepEqual(hub.rows.all().map(({ title }) => title), ['Stays'], 'resurrected: an event whose row had been deleted');
    },
  },
  {
    name: 'an event that the trash holds back',
    story: 'An event was taken out and approved again. The server still held its name in the trash and answered with an error of its own, and the event stayed away for thirty days.',
    without: { file: 'connectors/directus-nextcloud/object-writes.ts', find: `outcome.kind !== 'uid-in-trash'`, replace: 'true' },
    async scenario() {
      const hub = await inCalendar(['On and off']);
      const id = hub.rows.all()[0]?.id ?? 0;
      hub.rows.edit(id, { approved: false });
      await hub.run();
      hub.rows.edit(id, { approved: true });
      await hub.run();
      deepEqual(summariesIn(hub), ['On and off'], 'lost: an approved event, to its own copy in the trash');
    },
  },
  {
    name: 'a deletion that a portal answered',
    story: 'A DELETE ended at the sign-in page of a wireless network, which says 200 to everything. It counted as done, and the event outlived its row.',
    without: { file: 'vendors/nextcloud/write-outcome.ts', find: 'response.ok && isForeign(body)', replace: 'false' },
    async scenario() {
      const hub = await inCalendar(['Stays', 'Called off']);
      hub.nextcloud.faults.add({ kind: 'wrong-body', when: { method: 'DELETE', nth: 1 } });
      hub.rows.edit(hub.rows.all()[1]?.id ?? 0, { approved: false });
      await hub.run();
      await hub.run();
      deepEqual(summariesIn(hub), ['Stays'], 'resurrected: an event whose row is not approved any more');
    },
  },
  {
    name: 'a parent deleted before its children',
    story: 'A person was deleted while visits still named them. The system either refused it for ever, or took all the visits away as well.',
    without: { file: 'engine/references.ts', find: 'standing.length > 0', replace: 'false' },
    async scenario() {
      const hub = peopleAndVisits();
      await hub.run();
      hub.people.source.put('p1', {}, false);
      await hub.run();
      equal(hub.people.target.text('copy-p1'), 'p1', 'lost: a person whom a visit still names');
    },
  },
  {
    name: 'a second parent that nobody asked',
    story: 'A participant belonged to an event and to a person, and was found by the event alone. The person was deleted, and the event’s list named somebody who was not there.',
    without: { file: 'stores/links.ts', find: 'before === after && was?.keepUntil === link.keepUntil', replace: 'true' },
    async scenario() {
      const hub = await rostersInStep({ choir: 1 });
      hub.people.source.put('h1', {}, false);
      await hub.run();
      equal(hub.people.target.text('copy-h1'), 'Person 1', 'lost: a person whom the list of an event still names');
    },
  },
  {
    name: 'a child written before its parent',
    story: 'The visit went out first, with an empty place where the person’s id belonged. Nobody could tell later whose visit it was.',
    without: { file: 'engine/references.ts', find: 'if (id === undefined) return { wait', replace: 'if (parent === \'\') return { wait' },
    async scenario() {
      const hub = peopleAndVisits();
      hub.people.target.troubles.set('copy-p1', 'refuse');
      await hub.run();
      const visit = hub.visits.target.pages.get('copy-v1');
      equal(visit, undefined, 'lost: whose visit it is, for it was written before the person was there');
    },
  },
  {
    name: 'a deleted event resurrected by an open create',
    story: 'A create had failed and waited for its next attempt. Meanwhile the event was cancelled, and an hour later the waiting order announced it to everybody.',
    without: { file: 'engine/apply.ts', find: 'world.clock.now() - pending.at > staleAfterMs', replace: 'false' },
    async scenario() {
      const hub = await inStep(3, { policy: oneWay });
      hub.source.put('4', { title: 'Cancelled since' });
      hub.target.troubles.set('copy-4', 'refuse');
      await hub.run();
      hub.source.drop('4');
      hub.target.calls.length = 0;
      hub.clock.advance(61 * 60_000);
      await hub.run();
      deepEqual(hub.target.calls.filter((call) => call.startsWith('create')), [], 'resurrected: an event that had been cancelled was announced');
    },
  },
  {
    name: 'a calendar that is gone, replaced by an empty one',
    story: 'Somebody had moved the calendar to the trash by mistake. The tool made a new one of the same name, and the real one with all of its members’ events was forgotten.',
    without: { file: 'connectors/directus-nextcloud/calendar-place.ts', find: 'await search(false)', replace: 'await search(true)' },
    async scenario() {
      const hub = await inCalendar(['Choir']);
      hub.nextcloud.calendar('events').remove({ forGood: true });
      await hub.run();
      deepEqual(hub.nextcloud.calendars().map(({ displayName }) => displayName), [], 'lost: the calendar that was gone, behind a new one that nobody had asked for');
    },
  },
];

export default exhibits;
