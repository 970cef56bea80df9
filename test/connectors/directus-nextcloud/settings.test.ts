/** What a site may write into config/directus-nextcloud.json, and what it is told when that does not fit. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ConfigurationInvalid } from '../../../shared/base/errors.ts';
import { parseSettings, policyOf } from '../../../shared/connectors/directus-nextcloud/settings.ts';
import { moderated } from '../../../shared/sync/policy.ts';
import { settingsOf } from './both-sides.ts';

function problemsOf(json: unknown): readonly string[] {
  try {
    parseSettings(json);
  } catch (error) {
    if (error instanceof ConfigurationInvalid) return error.problems;
    throw error;
  }
  return [];
}

test('the file that comes with the hub is valid, and says what the defaults say', () => {
  const json: unknown = JSON.parse(readFileSync(new URL('../../../config/directus-nextcloud.json', import.meta.url), 'utf8'));

  const settings = parseSettings(json);

  expect(settings).toEqual({ ...settingsOf(), importForeign: true, categories: settings.categories });
  expect(Object.keys(settings.categories)).toHaveLength(8);
});

test('all that is wrong is listed at once, each with its place', () => {
  const problems = problemsOf({
    policy: 'both-ways',
    everyMinutes: 0,
    calendarZone: 'Middle Earth',
    directus: { colection: 'events', approval: { by: 'approved' } },
    nextcloud: { parallel: 99, calendarUrl: 'ftp://example.org/' },
  });

  const places = new Set(problems.map((problem) => problem.split(':')[0]));
  expect(places).toEqual(new Set(['calendarZone', 'directus', 'everyMinutes', 'nextcloud.calendarUrl', 'nextcloud.parallel', 'policy']));
  expect(problems).toHaveLength(6);
});

test('the zone has no default, because a wrong guess would shift every event', () => {
  expect(problemsOf({})).toEqual([expect.stringMatching(/^calendarZone:/)]);
});

test('settings that contradict each other are refused', () => {
  const problems = problemsOf({
    calendarZone: 'Europe/Berlin',
    directus: { fields: { approved: null, status: null, location: 'title' }, deletes: 'archive' },
    categories: { art: 'Music', music: 'Concerts' },
    labels: { cost: 'Website' },
  });

  expect(problems).toEqual([
    'directus.fields.approved: is needed, because approval goes by it',
    'directus.fields.status: is needed to archive rows',
    'directus.fields: two fields are called title',
    'labels: two labels read website',
    'categories.art: its label is the key of another category',
  ]);
});

test('by default it is moderated and imports what people add to the calendar', () => {
  expect(policyOf(settingsOf())).toEqual({ ...moderated, flipsPerHourMax: 2 });
});

test('a mirror brings nothing in unless it is told to', () => {
  expect(policyOf(settingsOf({ policy: 'mirror' })).targetNew).toBe('ignore');
  expect(policyOf(settingsOf({ policy: 'mirror', importForeign: true })).targetNew).toBe('import');
});

test('while rows are never deleted, a deletion in the calendar becomes an agreed absence', () => {
  expect(policyOf(settingsOf({ policy: 'two-way' })).targetDeleted).toBe('accept');
  expect(policyOf(settingsOf({ policy: 'two-way', directus: { deletes: 'archive' } })).targetDeleted).toBe('withdraw');
});

test.each([
  ['moderated', 'withdraw'],
  ['two-way', 'withdraw'],
  ['mirror', 'accept'],
])('deletes: withdraw puts approved events back; what a deletion in the calendar says of a pending row, %s: %s', (policy, whilePending) => {
  const chosen = policyOf(settingsOf({ policy, directus: { deletes: 'withdraw' } }));

  expect([chosen.targetDeleted, chosen.targetDeletedWhilePending]).toEqual(['put-back', whilePending]);
});

test.each(['archive', 'withdraw'])('deletes: %s needs the field that says so', (deletes) => {
  expect(problemsOf({ calendarZone: 'Europe/Berlin', directus: { fields: { status: null }, deletes } })).toEqual(['directus.fields.status: is needed to archive rows']);
});
