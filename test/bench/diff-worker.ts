/** One step of the diff bench in a process of its own: fill a table with agreed links, or plan against it. */
import { manualClock } from '../../shared/base/clock.ts';
import type { Stream } from '../../shared/engine/connector.ts';
import { planStream } from '../../shared/engine/plan-stream.ts';
import type { LinkSave, World } from '../../shared/engine/ports.ts';
import type { Side, Sighting } from '../../shared/engine/side.ts';
import { linkStore } from '../../shared/stores/links.ts';
import { localQueue } from '../../shared/stores/local-queue.ts';
import { runStore } from '../../shared/stores/runs.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { digester } from '../../shared/sync/digest.ts';
import { defaultGuard } from '../../shared/sync/guard.ts';
import type { Entity } from '../../shared/sync/item.ts';
import { oneWay } from '../../shared/sync/policy.ts';
import type { ReadingEnd } from '../../shared/sync/scan.ts';

const fields = ['title', 'start', 'end', 'allDay', 'description', 'location', 'website', 'organizer', 'cost', 'categories'];
const digestKey = 'bench'.repeat(8);
const shape = 'bench/1';

function entityOf(n: number): Entity {
  return {
    title: `Open evening number ${n} at the library`, start: '2027-03-04T18:00:00Z', end: '2027-03-04T19:30:00Z', allDay: false,
    description: `An invented description of event ${n} that is long enough to look like what people write about an evening, with two sentences. Here is the second one.`,
    location: `Town hall, room ${n % 40}`, website: `https://example.org/events/${n}`, organizer: 'Ada Example', cost: 'free', categories: ['board', 'library'],
  };
}

const never = async () => { throw new Error('not in this bench'); };

function side(count: number): Side {
  return {
    system: 'bench', power: 'own-id', reads: 'scan', versioned: true, tombstones: 'sure', secondLook: 'look-up', oneWriter: false, batchMax: 100,
    identity: () => 'bench', lookUp: never, lookForOurs: never, write: never,
    async *read(): AsyncGenerator<readonly Sighting[], ReadingEnd> {
      for (let at = 0; at < count; at += 1000) yield Array.from({ length: Math.min(1000, count - at) }, (_, n) => sightingOf(at + n));
      return { kind: 'scan', declared: count, lastPageSeen: true, authoritative: true };
    },
  };
}

const sightingOf = (n: number): Sighting => ({ kind: 'listed', id: `item-${n}`, item: { id: `item-${n}`, entity: entityOf(n), belongs: true } });

function blindSide(): Side {
  return { ...side(0), async *read() { yield []; return { kind: 'delta', lastPageSeen: true, authoritative: false }; } };
}

const [step, path = '', countText = '0'] = process.argv.slice(2);
const count = Number(countText);
const clock = manualClock();
const table = sqliteTable({ path, clock });
const links = linkStore(table, 'bench', clock);

async function fill(): Promise<void> {
  const digests = digester(digestKey, fields);
  for (let at = 0; at < count; at += 5000) {
    const saves = Array.from({ length: Math.min(5000, count - at) }, (_, n): LinkSave => {
      const id = at + n;
      return { link: {
        stream: 'items', key: digests.text(`source:${id}`).slice(0, 16), sourceId: `item-${id}`, targetId: `copy-${id}`, origin: 'created', state: 'agreed', lives: 0, log: [], touched: 0, rev: 0,
        versions: { target: `"${id}"` }, base: { shape, source: digests.entity(entityOf(id)) },
      } };
    });
    await links.save(saves);
  }
}

async function plan(): Promise<void> {
  const stream: Stream = { name: 'items', source: side(count), target: blindSide(), fields, shape, policy: oneWay, guard: defaultGuard, keyFor: (_side, from) => from.id, fullEveryMs: 0 };
  const world: World = { links, runs: runStore(table, 'bench', clock), queue: localQueue({ clock, visibilityMs: 1000 }), clock, digestKey, worker: 'bench', isDead: () => false };
  const startedAt = process.hrtime.bigint();
  const planned = await planStream(world, stream, { source: { full: true }, target: { full: false, cursor: '0' } }, { run: 'bench', plan: 'bench', now: clock.now(), seq: 1, guarded: true }, {});
  const seconds = Number(process.hrtime.bigint() - startedAt) / 1e9;
  if (planned.observed.source.read !== count || planned.staged.length > 0) throw new Error(`expected ${count} unchanged items, staged ${planned.staged.length}`);
  process.stdout.write(JSON.stringify({ itemsPerSecond: count / seconds, rssMb: process.resourceUsage().maxRSS / 1024 }));
}

await (step === 'fill' ? fill() : plan());
table.close();
