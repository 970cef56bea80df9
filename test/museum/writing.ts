/** Writes that were made twice, or over what somebody else had written. */
import { deepEqual, equal } from 'node:assert/strict';
import { applyLinks } from '../../shared/engine/apply.ts';
import { mirror, oneWay, twoWay } from '../../shared/sync/policy.ts';
import { calendarHub } from '../samples/calendar-hub.ts';
import { notebookHub } from '../samples/notebook-hub.ts';
import type { Exhibit } from './exhibit.ts';
import { inCalendar, inStep, killedAfterWrite, releaseHeld } from './scenes.ts';

const exhibits: readonly Exhibit[] = [
  {
    name: 'a retry that creates twice',
    story: 'The answer to a POST got lost, and the HTTP client repeated it as it repeats everything. The record existed twice from then on, with two ids.',
    without: { file: 'http/send.ts', find: 'isSafeToRepeat(ask) ? retry.limit : 0', replace: 'retry.limit' },
    async scenario() {
      const hub = calendarHub({ directus: { fieldsMissing: ['nextcloud_uid'] } });
      hub.objects.put({ uid: 'member-1@example.org', summary: 'Picnic', start: '20270501T100000Z' }, 'picnic.ics');
      hub.directus.faults.add({ kind: 'lost-answer', when: { method: 'POST', nth: 1 } });
      await hub.run();
      await hub.run();
      equal(hub.rows.all().length, 1, `doubled: one picnic became ${hub.rows.all().length} rows`);
    },
  },
  {
    name: 'a create that is sent again without looking',
    story: 'The item had been made, only its answer was lost. The next attempt did not ask whether it was there already.',
    without: { file: 'engine/apply.ts', find: `?.link.claim !== undefined && one.write.kind === 'create'`, replace: ' === undefined' },
    async scenario() {
      const hub = notebookHub({ target: { power: 'find' } });
      hub.source.put('1', { title: 'Meeting' });
      hub.target.troubles.set('copy-1', 'lose-answer');
      await hub.run();
      await hub.run();
      deepEqual(hub.target.titles, ['Meeting'], 'doubled: a meeting whose answer was lost was made again');
    },
  },
  {
    name: 'a create nobody can be sure of, sent again',
    story: 'The vendor had neither keys nor a search by reference. After a lost answer the tool simply sent the booking once more, and the visitor was registered twice.',
    without: { file: 'engine/apply.ts', find: `stream[sideName].power === 'none'`, replace: 'false' },
    async scenario() {
      const hub = notebookHub({ policy: oneWay, target: { power: 'none' } });
      hub.source.put('1', { title: 'Booking' });
      hub.target.lookForOurs = async (writes) => writes.map(() => []);
      hub.target.troubles.set('copy-1', 'lose-answer');
      await hub.run();
      deepEqual(hub.target.titles, ['Booking'], 'doubled: a booking that may have been made was sent again');
    },
  },
  {
    name: 'a search that lags behind the create',
    story: 'The tool did look for its record before sending it again, but the search index was a minute behind and showed nothing.',
    without: { file: 'engine/open-creates.ts', find: `power === 'find' && indexDelayMs > 0`, replace: 'false' },
    async scenario() {
      const hub = notebookHub({ policy: oneWay, target: { power: 'find' } });
      Object.assign(hub.target, { indexDelayMs: 60_000 });
      const find = hub.target.lookForOurs.bind(hub.target);
      const shownFrom = hub.clock.now() + 60_000;
      hub.target.lookForOurs = async (writes) => (hub.clock.now() < shownFrom ? writes.map(() => []) : find(writes));
      hub.source.put('1', { title: 'Meeting' });
      hub.target.troubles.set('copy-1', 'lose-answer');
      await hub.run();
      hub.clock.advance(3_600_000);
      await hub.run();
      deepEqual(hub.target.titles, ['Meeting'], 'doubled: the search did not show yet what had been made');
    },
  },
  {
    name: 'two workers at one item',
    story: 'A message was shown again while its first worker still waited for the answer. The second one found nothing there yet, and both created the item.',
    without: { file: 'engine/open-creates.ts', find: 'claim.until > world.clock.now() && !world.isDead(claim.worker)', replace: 'false' },
    async scenario() {
      const hub = notebookHub({ policy: oneWay, target: { power: 'find' } });
      hub.source.put('1', { title: 'Meeting' });
      const write = hub.target.write.bind(hub.target);
      hub.target.write = async (writes) => {
        hub.target.write = write;
        await applyLinks(hub.world(), hub.stream, 'second', [(await hub.linkOf('pages', '1'))?.key ?? '']);
        return write(writes);
      };
      await hub.run();
      deepEqual(hub.target.titles, ['Meeting'], 'doubled: two workers made the same meeting');
    },
  },
  {
    name: 'a zombie that records over its successor',
    story: 'A worker that had been given up for dead came back and wrote down its result. The record of the one that had taken over was gone, and with it who was writing.',
    without: { file: 'engine/worker.ts', find: 'row.claim && row.claim.worker !== world.worker', replace: 'false' },
    async scenario() {
      const hub = notebookHub({ policy: oneWay });
      hub.source.put('1', { title: 'Meeting' });
      const write = hub.target.write.bind(hub.target);
      hub.target.write = async (writes) => {
        const results = await write(writes);
        const now = await hub.linkOf('pages', '1');
        if (now) await hub.links.save([{ link: { ...now, claim: { worker: 'successor', until: Infinity, key: 'copy-1' } }, was: now }]);
        return results;
      };
      await hub.run();
      equal((await hub.linkOf('pages', '1'))?.claim?.worker, 'successor', 'overwritten: the claim of the worker that had taken over');
    },
  },
  {
    name: 'a write without the version it was decided from',
    story: 'The program put its text over the event without If-Match. What a member had changed a second before was gone, and nobody was told.',
    without: { file: 'vendors/nextcloud/objects.ts', find: 'data: text, etag }', replace: 'data: text }' },
    async scenario() {
      let beforePut: (() => void) | undefined;
      const hub = await inCalendar(['Choir'], {
        wrapFetch: (fetcher) => async (input, init) => {
          if (init?.method === 'PUT') beforePut?.();
          return fetcher(input, init);
        },
      });
      await hub.run();
      const name = hub.objects.all()[0]?.name ?? '';
      hub.rows.edit(hub.rows.all()[0]?.id ?? 0, { title: 'Choir rehearsal' });
      beforePut = () => {
        beforePut = undefined;
        hub.objects.edit(name, { location: 'Garden' });
      };
      await hub.run();
      equal(hub.objects.get(name)?.text.includes('LOCATION:Garden'), true, 'overwritten: the place that a member had just entered');
    },
  },
  {
    name: 'an echo between two systems',
    story: 'The server stored the title in its own spelling. Every run saw a difference, wrote its own spelling again, and the two went on like this for months.',
    without: { file: 'engine/record.ts', find: 'known?.sent === pair.sent && known.stored === pair.stored', replace: 'false' },
    async scenario() {
      const hub = notebookHub({ policy: mirror, target: { silentWrites: true, rewrite: (entity) => ({ ...entity, title: String(entity['title']).toUpperCase() }) } });
      hub.source.put('1', { title: 'meeting' });
      for (let n = 0; n < 6; n++) await hub.run();
      const updates = hub.target.calls.filter((call) => call.startsWith('update')).length;
      equal(updates <= 1, true, `restless: the same title was written ${updates} times, and always came back in capitals`);
    },
  },
  {
    name: 'values that were written long after they were read',
    story: 'A plan waited over lunch for somebody’s yes. Then it wrote what the source had held in the morning.',
    without: { file: 'engine/apply.ts', find: 'world.clock.now() - pending.at > staleAfterMs', replace: 'false' },
    async scenario() {
      const hub = await inStep(10, { policy: oneWay });
      for (let n = 1; n <= 7; n++) hub.source.put(String(n), {}, false);
      hub.source.put('9', { title: 'Old wish' });
      await hub.run();
      const page = hub.source.pages.get('9');
      // Version kept, content moved: what a system without honest versions does.
      if (page) hub.source.pages.set('9', { ...page, entity: { ...page.entity, title: 'New wish' } });
      hub.clock.advance(16 * 60_000);
      await releaseHeld(hub);
      await hub.run();
      equal(hub.target.text('copy-9'), 'New wish', 'overwritten: the wish of today by the one of this morning');
    },
  },
  {
    name: 'our own item brought in as somebody’s news',
    story: 'A worker died right after its create. The next reading found an unknown item, took it for a member’s, and imported it: one event had become two.',
    without: { file: 'engine/new-cases.ts', find: 'if (byClaim) return byClaim;', replace: '' },
    async scenario() {
      const hub = notebookHub();
      hub.source.put('1', { title: 'Meeting' });
      await killedAfterWrite(hub, 'target');
      hub.dead.clear();
      hub.target.put('copy-1', { title: 'Retitled' });
      await hub.run();
      equal(hub.source.pages.size, 1, `doubled: one meeting became ${hub.source.pages.size} pages of the source`);
    },
  },
  {
    name: 'an unknown item that may be ours',
    story: 'While a create was still open, an item without a known name appeared on that side. It was linked anew instead of waiting for a moment, and existed twice.',
    without: { file: 'engine/new-cases.ts', find: `stream[side].power !== 'own-id'`, replace: 'false' },
    async scenario() {
      const hub = notebookHub();
      hub.target.put('theirs', { title: 'Picnic' });
      const killed = await killedAfterWrite(hub, 'source');
      hub.dead.clear();
      hub.source.put('source-1', { title: 'Picnic in the park' }, true);
      await hub.run();
      hub.dead.add(killed);
      for (let n = 0; n < 2; n++) await hub.run();
      deepEqual([hub.source.titles, hub.target.titles], [['Picnic in the park'], ['Picnic in the park']], 'doubled: a picnic that we had just made ourselves');
    },
  },
  {
    name: 'last write wins by the clock',
    story: 'Both sides had changed the title. The later stamp won without a word, and it came from a computer whose clock was ahead.',
    without: { file: 'sync/decide.ts', find: `parts.collisions.length > 0 && bothEdited === 'conflict'`, replace: 'false' },
    async scenario() {
      const hub = await inStep(1, { policy: twoWay });
      await hub.run();
      hub.source.put('1', { title: 'Ours' });
      hub.target.put('copy-1', { title: 'Theirs' });
      await hub.run();
      deepEqual([hub.source.text('1'), hub.target.text('copy-1')], ['Ours', 'Theirs'], 'overwritten: one of two titles, before a person had seen both');
    },
  },
];

export default exhibits;
