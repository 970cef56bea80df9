/** Readings that were believed too early: half a list, a page in place of another, a word that was not true. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Sighting } from '../../shared/engine/side.ts';
import { icsOf } from '../../shared/simulators/ics.ts';
import { oneWay } from '../../shared/sync/policy.ts';
import { calendarHub } from '../samples/calendar-hub.ts';
import { notebookHub } from '../samples/notebook-hub.ts';
import type { Exhibit } from './exhibit.ts';
import { inCalendar, inStep, startsAt, summariesIn, type NotebookHub } from './scenes.ts';

/** The source's next readings show these pages, and say of themselves what `end` says. */
function showsOnly(hub: NotebookHub, pages: readonly (readonly string[])[], end: { declared?: number; authoritative: boolean }): void {
  hub.source.read = async function* shown() {
    for (const ids of pages) yield ids.map((id): Sighting => ({ kind: 'listed', id, version: String(hub.source.pages.get(id)?.version) }));
    return { kind: 'scan', lastPageSeen: true, ...end };
  };
}

/** What a proxy leaves of a long answer: the right status, and the first two members. */
async function cutAfterTwo(answer: Response, isCut: boolean): Promise<Response> {
  if (!isCut || answer.status !== 207) return answer;
  const text = await answer.text();
  const [end] = [...text.matchAll(/<\/d:response>/g)].slice(1);
  return new Response(end === undefined ? text : text.slice(0, end.index + end[0].length), { status: 207, headers: answer.headers });
}

const exhibits: readonly Exhibit[] = [
  {
    name: 'mass delete after a partial listing',
    story: 'The server broke off after the first page of a listing. The tool took the pages that it never got for deleted ones, and cleared them away on the other side.',
    without: { file: 'sync/scan.ts', find: '!end.lastPageSeen', replace: 'false' },
    async scenario() {
      const hub = await inStep(4, { source: { authoritative: false, secondLook: 'second-scan' } });
      hub.source.cutShort = true;
      for (let n = 0; n < 3; n++) await hub.run({ full: true });
      equal(hub.target.pages.size, 4, `lost: ${4 - hub.target.pages.size} of 4 pages, which a listing cut short had not shown`);
    },
  },
  {
    name: 'a swallowed page error',
    story: 'The client caught the error of one page, logged it and went on to the end. The reading looked whole, although the server had said how many items there were.',
    without: { file: 'sync/scan.ts', find: 'end.declared !== read', replace: 'false' },
    async scenario() {
      const hub = await inStep(4);
      showsOnly(hub, [['1', '2'], []], { declared: 4, authoritative: true });
      await hub.run({ full: true });
      deepEqual(hub.target.titles, ['Page 1', 'Page 2', 'Page 3', 'Page 4'], 'lost: the pages of a listing whose second page failed in silence');
    },
  },
  {
    name: 'a page shown twice in place of another',
    story: 'While the list was read by offset, somebody deleted an item: a page came twice and another one never. The count of lines was exactly what the server had declared.',
    without: { file: 'engine/observe.ts', find: '!this.wasSeen(id) && !this.named.has(id)', replace: 'true' },
    async scenario() {
      const hub = await inStep(4);
      showsOnly(hub, [['1', '2'], ['1', '2']], { declared: 4, authoritative: true });
      await hub.run({ full: true });
      deepEqual(hub.target.titles, ['Page 1', 'Page 2', 'Page 3', 'Page 4'], 'lost: the pages that a repeated page stood in place of');
    },
  },
  {
    name: 'half an answer taken as data',
    story: 'A proxy cut a multistatus in the middle. The parser was lenient and returned what had arrived, so the rest of the calendar counted as deleted.',
    without: { file: 'vendors/nextcloud/dav-call.ts', find: 'response.status !== 207', replace: 'true' },
    async scenario() {
      const way = { isCut: false };
      const hub = await inCalendar(['Choir', 'Meeting', 'Picnic', 'Fair'], { wrapFetch: (fetcher) => async (input, init) => cutAfterTwo(await fetcher(input, init), way.isCut) });
      const ids = hub.rows.all().map(({ id }) => id);
      way.isCut = true;
      await hub.run({ full: true });
      way.isCut = false;
      const links = await Promise.all(ids.map((id) => hub.linkOf(id)));
      const forgotten = links.filter((link) => link?.targetId === undefined).length;
      equal(forgotten, 0, `lost: ${forgotten} of 4 events were taken for deleted, because only half of the list had arrived`);
    },
  },
  {
    name: 'a cursor that skips late commits',
    story: 'Two people saved at the same moment. The change with the lower number became visible after the cursor had passed it, and no later delta ever named it.',
    without: { file: 'engine/plan.ts', find: `end.kind === 'delta' && foreign`, replace: 'false' },
    async scenario() {
      const hub = await inStep(2);
      for (let n = 0; n < 2; n++) await hub.run();
      hub.target.put('theirs', { title: 'Picnic' });
      hub.target.pages.set('late', { id: 'late', version: 0, entity: { title: 'Late' }, approved: false });
      for (let n = 0; n < 2; n++) await hub.run();
      equal(hub.source.titles.includes('Late'), true, 'unseen: a page that was committed late and stands behind the cursor');
    },
  },
  {
    name: 'a tombstone that lies',
    story: 'An event was deleted and restored from the trash between two looks. The calendar still reported it as deleted, and the tool believed that without asking for the object.',
    without: { file: 'engine/observe.ts', find: `context.side.tombstones === 'sure'`, replace: 'true' },
    async scenario() {
      const hub = await inCalendar(['Choir', 'Meeting']);
      await hub.run();
      const [first] = hub.objects.all();
      hub.objects.remove(first?.name ?? '');
      hub.objects.restore(first?.name ?? '');
      await hub.run();
      const links = await Promise.all(hub.rows.all().map(({ id }) => hub.linkOf(id)));
      const names = links.map((link) => link?.targetId);
      equal(names.includes(first?.name), true, 'lost: the link to an event that stands in the calendar, because a tombstone said otherwise');
    },
  },
  {
    name: 'an index that had not caught up',
    story: 'The search of an eventually consistent system left one record out for a minute. One scan without it was enough, and the record was deleted on the other side.',
    without: { file: 'engine/linked-cases.ts', find: 'missingBefore !== undefined && missingBefore < planner.stamp.seq', replace: 'true' },
    async scenario() {
      const hub = await inStep(4, { source: { authoritative: false, secondLook: 'second-scan' } });
      const read = hub.source.read.bind(hub.source);
      showsOnly(hub, [['1', '2', '3']], { authoritative: false });
      await hub.run({ full: true });
      hub.source.read = read;
      deepEqual(hub.target.titles, ['Page 1', 'Page 2', 'Page 3', 'Page 4'], 'lost: a page that a single scan had not shown');
    },
  },
  {
    name: 'one bad row that stops the run',
    story: 'A row without a title threw in the middle of the mapping. The whole run ended there, every night, and nobody’s events went out any more.',
    without: { file: 'connectors/directus-nextcloud/source.ts', find: 'if (!(error instanceof ItemInvalid)) throw error;', replace: 'throw error;' },
    async scenario() {
      const hub = calendarHub();
      hub.rows.add({ title: '', start_date: startsAt, approved: true });
      hub.rows.add({ title: 'Good one', start_date: startsAt, approved: true });
      await hub.run();
      deepEqual(summariesIn(hub), ['Good one'], 'lost: every event behind one row that could not be read');
    },
  },
  {
    name: 'a time that moved by an hour in summer',
    story: 'The zone of an event was taken for a fixed distance from UTC, as it is in winter. Everything from April to October was announced an hour late.',
    without: { file: 'vendors/nextcloud/zones.ts', find: '(local) => local.toZonedDateTime(iana)', replace: `(local) => local.toZonedDateTime('+01:00')` },
    async scenario() {
      const hub = calendarHub();
      const text = icsOf({ uid: 'summer@example.org', summary: 'Concert', start: '20270701T180000Z' });
      hub.objects.put(text.replace('DTSTART:20270701T180000Z', 'DTSTART;TZID=Europe/Berlin:20270701T180000'), 'concert.ics');
      await hub.run();
      equal(hub.rows.all()[0]?.start_date, '2027-07-01T16:00:00.000Z', 'shifted: a concert in July is announced an hour off');
    },
  },
  {
    name: 'a page recorded while the list was being read',
    story: 'A long listing had passed the place where a worker then put an item back. The older reading was believed over the newer record, and the item counted as deleted.',
    without: { file: 'engine/resolve.ts', find: 'link.rev === 0 || link.touched < before', replace: 'true' },
    async scenario() {
      const hub = await inStep(2, { target: { delta: false, authoritative: true } });
      const link = await hub.linkOf('pages', '1');
      const copy = link?.targetId ?? '';
      const page = hub.target.pages.get(copy);
      hub.target.pages.delete(copy);
      hub.target.afterRead = async () => {
        hub.target.afterRead = undefined;
        if (page) hub.target.pages.set(copy, page);
        const now = await hub.linkOf('pages', '1');
        if (now) await hub.links.save([{ link: { ...now, touched: (await hub.runs.state()).seq }, was: now }]);
      };
      await hub.run({ full: true });
      equal(hub.target.pages.size, 2, 'doubled: a page that stood there was put there once more, on the word of an older reading');
    },
  },
  {
    name: 'absence outside of the scan\'s scope',
    story: 'The tool listed the bookings of next week, whole and with their number. Those of the week after were not among them, so they were cancelled.',
    without: { file: 'engine/observe.ts', find: 'if (scope === undefined || heads.length === 0) return heads;', replace: 'if (heads.length >= 0) return heads;' },
    async scenario() {
      const hub = notebookHub({ policy: oneWay });
      for (const id of ['1', '2', '3', '4', '5', '6']) hub.source.put(id, { title: `Page ${id}` });
      const look = hub.source.lookUp.bind(hub.source);
      hub.source.lookUp = async (ids) => (await look(ids)).map((looked) => (looked.kind === 'present' ? { ...looked, item: { ...looked.item, scope: looked.item.id === '1' ? 'attic' : 'hall' } } : looked));
      await hub.run();
      const read = hub.source.read.bind(hub.source);
      hub.source.read = async function* hallOnly(want) {
        for await (const page of read(want)) yield page.filter((sighting) => sighting.kind !== 'listed' || sighting.id !== '1');
        return { kind: 'scan', lastPageSeen: true, authoritative: true, declared: 5, scope: 'hall' };
      };
      await hub.run({ full: true });
      ok(hub.target.pages.has('copy-1'), 'lost: what stands outside of the part that was read');
    },
  },
];

export default exhibits;
