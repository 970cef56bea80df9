/** Every command that README, tutorial, runbook and the pages of connectors tell a reader to type does what they promise, in their order, in one world. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { namedIn, stepsOf } from './page.ts';
import { aReader, type Reader } from './reader.ts';

const root = join(import.meta.dirname, '../..');
const pages = ['README.md', 'docs/tutorial.md', 'docs/runbook.md', 'docs/http.md', 'docs/mission.md', 'docs/new-connector.md', 'shared/connectors/directus-nextcloud/README.md'];
const pageText = (page: string): string => readFileSync(join(root, page), 'utf8');
const timeout = 300_000; // some fifty processes on a machine that others use too

/** What happens in the world, between two commands. */
const scenes: { readonly [name: string]: (reader: Reader) => unknown } = {
  'a member changes the place of event 1 in the calendar': (reader) => editEvent(reader, 1, { location: `Library, room ${reader.calendar.token}` }),
  'somebody deletes ten events in Directus': (reader) => removeRows(reader, 10),
  'most events vanish from Directus': (reader) => removeRows(reader, 10),
  'a member puts an event into the calendar': ({ calendar }) => calendar.objects.put({ summary: 'Seed swap' }),
  'a file of pairs': (reader) => writeFileSync(join(reader.folder, 'pairs.csv'), `source,target\n1,${objectOf(reader, 1)}\n`),
  'the password is changed': ({ variables }) => { variables['NEXTCLOUD_PASSWORD'] = 'the-old-one'; },
  'somebody has paused it': ({ shell }) => shell('npx concord pause directus-nextcloud --why "a test"'),
  'an event with guests, whose row is mended by hand': (reader) => {
    editEvent(reader, 1, (text) => text.replace('END:VEVENT', 'ORGANIZER:mailto:ada@example.org\r\nATTENDEE:mailto:grace@example.org\r\nEND:VEVENT'));
    reader.directus.events.edit(1, { description: 'Bring gloves.' });
  },
  'the guests are gone': (reader) => editEvent(reader, 1, (text) => text.replace(/ORGANIZER.*\r\nATTENDEE.*\r\n/, '')),
  'event 2 has lost its title': ({ directus }) => directus.events.edit(2, { title: ' ' }),
  'event 2 has a title again': ({ directus }) => directus.events.edit(2, { title: 'Open board meeting' }),
  'Directus is down': ({ directus }) => directus.faults.add({ kind: 'reset-before', when: {} }),
  'Directus is back': ({ directus }) => directus.faults.clear(),
  'npm start is under way on another machine': (reader) => reader.startElsewhere(),
  'a mission organisation': (reader) => reader.moveToMission(),
  'an admin of NXT disconnects the application, and connects it again; a traveller is approved': ({ mission, variables }) => {
    mission()?.sky.disconnect();
    variables['NXT_TOKEN'] = mission()?.sky.connect().accessToken ?? '';
    mission()?.change();
  },
  'the state is lost': ({ folder }) => rmSync(join(folder, '.concord'), { recursive: true }),
};

/** Where the README shows a thing that cannot be done here: it would install, or serve for ever. That it is there is checked. */
const notHere = /^npm (?:ci|cit)\b/;

test.each(pages)('%s keeps what it promises, command by command', { timeout }, async (page) => {
  const reader = await aReader();
  const [told, promised]: [string[], string[]] = [[], []];

  try {
    for (const step of stepsOf(pageText(page))) {
      if (step.kind === 'scene') await (scenes[step.name] ?? unknownScene(step.name))(reader);
      else if (!notHere.test(step.line)) {
        const line = step.line.replace('<plan>', step.line.includes('<plan>') ? await reader.heldPlan() : '').replace('<constituent>', twinIn(reader));
        const { code, out } = await reader.shell(line);
        // Only a plan may end with two codes where nothing is promised: whether there is something to do is the world's affair.
        const expected = step.promised ?? (code === 6 && / plan /.test(line) && page === 'README.md' ? 6 : 0);
        promised.push(`${line} ends with ${expected}`);
        told.push(`${line} ends with ${code}${code === expected ? '' : `:\n${out}`}`);
      }
    }
  } finally {
    await reader.close();
  }

  expect(told).toEqual(promised);
  expect(told.length).toBeGreaterThan(4);
});

test('every verb and flag that a page names in a sentence is one of ours', { timeout }, async () => {
  const reader = await aReader();
  const named = pages.flatMap((page) => namedIn(pageText(page)).map((words) => ({ page, words })));
  const helps = new Map<string, string>();
  const wrong: string[] = [];

  try {
    for (const { page, words } of named) {
      const [verb = ''] = words.split(' ');
      if (!helps.has(verb)) helps.set(verb, (await reader.shell(`npx concord ${verb.startsWith('--') ? '' : verb} --help`)).out);
      const help = helps.get(verb) ?? '';
      const flags = words.match(/--[a-z-]+/g) ?? [];
      if (!help.startsWith(`Usage: concord ${verb.startsWith('--') ? '' : verb}`)) wrong.push(`${page}: ${words}: no such verb`);
      for (const flag of flags) if (!help.includes(flag)) wrong.push(`${page}: ${words}: no ${flag}`);
    }
  } finally {
    await reader.close();
  }

  expect(wrong).toEqual([]);
  expect(named.length).toBeGreaterThan(15);
});

test('what cannot be run here is at least there', () => {
  const scripts: unknown = JSON.parse(pageText('package.json')).scripts;
  const named = pages.flatMap((page) => [...pageText(page).matchAll(/\bnpm (?:run )?([a-z0-9]+)/g)].map(([, name]) => name ?? ''));

  expect(named.filter((name) => !['ci', 'cit'].includes(name) && !Object.hasOwn(Object(scripts), name))).toEqual([]);
  expect(existsSync(join(root, '.ci/run'))).toBe(true);
});

test('each advice that Concord gives by code has its place in the runbook, and each link of the table leads somewhere', () => {
  const codes = [...pageText('shared/base/help.ts').matchAll(/^ {2}([A-Z_]+): '/gm)].map(([, code]) => code ?? '');
  const runbook = pageText('docs/runbook.md');
  const anchors = new Set([...runbook.matchAll(/^## (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replaceAll(/[^\w -]/g, '').replaceAll(' ', '-')));

  expect(codes.filter((code) => !runbook.includes(code))).toEqual([]);
  expect([...runbook.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor = '']) => anchor).filter((anchor) => !anchors.has(anchor))).toEqual([]);
  expect(codes.length).toBeGreaterThan(10);
});

function objectOf({ calendar }: Reader, row: number): string {
  return calendar.objects.all().find(({ text }) => text.includes(`UID:nonprofit-${row}@directus`))?.name ?? `no-object-of-${row}`;
}

/** Whom the page's reader decides for: the first of two donors with one name and one address. */
function twinIn({ mission }: Reader): string {
  const donors = mission()?.sky.constituents.all() ?? [];
  const emailOf = ({ emailaddresses: [first] }: (typeof donors)[number]) => first?.address;
  return donors.find((one) => emailOf(one) !== undefined && donors.some((other) => other.id !== one.id && other.first === one.first && emailOf(other) === emailOf(one)))?.id ?? 'nobody';
}

function editEvent(reader: Reader, row: number, change: Parameters<Reader['calendar']['objects']['edit']>[1]): void {
  reader.calendar.objects.edit(objectOf(reader, row), change);
}

/** The last ones, so that the events that the pages speak of stay. */
function removeRows({ directus }: Reader, count: number): void {
  for (const { id } of directus.events.all().filter(({ id: row }) => row > 3).slice(0, count)) directus.events.remove(id);
}

function unknownScene(name: string): never {
  throw new Error(`the page asks for a scene that the test does not have: ${name}`);
}
