/** A link as it is after years: ten fields of 400 bytes, ten outcomes, and once more with a change staged. Of invented data, like a calendar's. */
import type { RowDraft } from '../../shared/base/table.ts';
import { fittedLink } from '../../shared/stores/link-rows.ts';
import { digester } from '../../shared/sync/digest.ts';
import type { Entity } from '../../shared/sync/item.ts';
import { logged, type Link, type Outcome } from '../../shared/sync/link.ts';

const fields = ['title', 'start', 'end', 'allDay', 'description', 'location', 'website', 'organizer', 'cost', 'categories'];
const ordinary: Entity = {
  title: 'Choir in the old hall', start: '2027-03-04T18:00:00Z', end: '2027-03-04T20:30:00Z', allDay: false, location: 'Old hall, Main street 7',
  description: 'Everybody who likes to sing is welcome, with or without notes. We begin with easy songs and end with tea; bring a cup, and a friend if you have one to bring.',
  website: 'https://example.org/choir', organizer: 'Invented neighbours', cost: 'free', categories: ['music', 'neighbours'],
};
const digests = digester('invented key for tests only', fields);
const shape = 'directus-nextcloud/1';
const hourMs = 3_600_000;
const firstAt = Date.UTC(2026, 10, 23, 9);

function outcome(n: number): Outcome {
  // The 7th hour apart, and some odd milliseconds: what a worker says is never on the hour.
  const at = firstAt + n * 7 * hourMs + 1733 * n + 412;
  const run = `${new Date(at - 4321).toISOString().replace(/[-:]|\.\d+/g, '')}-${n * 7}`;
  return { at, run, kind: 'applied', what: n === 1 ? 'created' : 'updated', why: n === 1 ? 'new' : 'changed', side: 'target' };
}

/** @param some  Fields that hold something else. */
export function anAgedLink(some: Entity = {}): { readonly agreed: RowDraft; readonly staged: RowDraft } {
  const entity = { ...ordinary, ...some };
  const held = digests.entity(entity);
  const version = (n: number): string => `"${digests.text(`version ${n}`).padEnd(32, '0')}"`;
  const base = { shape, source: held, target: { whole: digests.text('target'), fields: { ...held.fields, recurrence: digests.text('none').slice(0, 16) } } };
  const link: Link = {
    stream: 'events', key: digests.text('link').slice(0, 16), origin: 'created', state: 'agreed', lives: 0, touched: 71, rev: 24,
    sourceId: '1027', targetId: 'eb573e1da8e277840ce3542811401f61.ics', versions: { source: '2026-11-26T07:00:12.000Z~', target: version(1) }, ours: version(1), base,
    seen: { source: digests.text('seen source'), target: digests.text('seen target') },
    log: Array.from({ length: 10 }, (_, n) => outcome(n + 1)).reduce(logged, [] as readonly Outcome[]),
  };
  const wanted: Entity = { ...entity, title: 'Choir in the new hall' };
  const now = digests.entity(wanted);
  const next = { shape, source: now, target: { whole: '', fields: { ...base.target.fields, title: now.fields['title'] ?? '' } } };
  const plan = outcome(11).run;
  const staged: Link = {
    ...link, state: 'pending', touched: 77, rev: 25,
    pending: { id: `${plan}/77/24`, plan, at: outcome(11).at, writes: [{ kind: 'update', side: 'target', fields: { title: wanted['title'] }, entity: wanted, reason: 'changed' }], next: { base: next, origin: 'created', absent: undefined, state: 'agreed' } },
  };
  return { agreed: fittedLink('directus-nextcloud', link).row, staged: fittedLink('directus-nextcloud', staged).row };
}
