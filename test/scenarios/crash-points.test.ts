/**
 * Kills the whole hub once at every await between trigger and record, before the call and after its effect, for each small
 * story in both directions. Whatever was lost, the next runs must end where an undisturbed run ends, and come to rest.
 */
import { describe, expect, test } from 'vitest';
import { calendarHub } from '../samples/calendar-hub.ts';
import { killer, Killed, type KillKind } from '../samples/killing.ts';

type Hub = ReturnType<typeof calendarHub>;

interface Story {
  readonly name: string;
  readonly site?: object;
  readonly before?: (hub: Hub) => void;
  readonly edit: (hub: Hub) => void;
}

const at = '2027-03-04T18:00:00.000Z';
const others = (hub: Hub): void => {
  for (let n = 0; n < 3; n++) hub.rows.add({ title: `Other ${n}`, start_date: at, approved: true });
};
const approved = (hub: Hub): void => {
  others(hub);
  hub.rows.add({ title: 'Choir', start_date: at, approved: true });
};
const imported = (hub: Hub): void => {
  others(hub);
  hub.objects.put({ uid: 'member@example.org', summary: 'Picnic', start: '20270501T100000Z' }, 'picnic.ics');
};
const choir = (hub: Hub) => hub.rows.all().find((row) => row.title.startsWith('Choir'))?.id ?? 0;
const choirObject = (hub: Hub) => hub.objects.all().find((object) => object.text.includes('SUMMARY:Choir'))?.name ?? '';
const picnic = (hub: Hub) => hub.rows.byUid('member@example.org')?.id ?? 0;

const stories: readonly Story[] = [
  { name: 'create, outwards', before: others, edit: approved },
  { name: 'update, outwards', before: approved, edit: (hub) => void hub.rows.edit(choir(hub), { title: 'Choir rehearsal' }) },
  { name: 'unapprove', before: approved, edit: (hub) => void hub.rows.edit(choir(hub), { approved: false }) },
  { name: 'delete, outwards', before: approved, edit: (hub) => hub.rows.remove(choir(hub)) },
  { name: 'create, inwards', before: others, edit: imported },
  { name: 'update, inwards', before: imported, edit: (hub) => void hub.objects.edit('picnic.ics', { summary: 'Picnic with music' }) },
  { name: 'approve what came in', before: imported, edit: (hub) => void hub.rows.edit(picnic(hub), { approved: true, title: 'Picnic in the park' }) },
  { name: 'delete, inwards: put back', before: approved, edit: (hub) => hub.objects.remove(choirObject(hub)) },
  { name: 'delete of a pending one, inwards', before: imported, edit: (hub) => hub.objects.remove('picnic.ics') },
  {
    name: 'conflict', site: { policy: 'two-way' }, before: approved,
    edit: (hub) => {
      hub.rows.edit(choir(hub), { title: 'Choir A' });
      hub.objects.edit(choirObject(hub), { summary: 'Choir B' });
    },
  },
  {
    name: 'both edited, different fields', site: { policy: 'two-way' }, before: approved,
    edit: (hub) => {
      hub.rows.edit(choir(hub), { title: 'Choir A' });
      hub.objects.edit(choirObject(hub), { location: 'Church' });
    },
  },
];

describe.each(stories)('$name', (story) => {
  test('killed once at every await, before and after: nothing is doubled, lost or brought back, and it comes to rest', async () => {
    const undisturbed = await play(story);
    const expected = undisturbed.end;
    const wrong: string[] = [];
    let tried = 0;

    for (let boundary = 1; boundary <= undisturbed.boundaries; boundary++) {
      for (const kind of ['before', 'after'] as const) {
        tried++;
        const { end, rest } = await play(story, { at: boundary, kind });
        if (JSON.stringify(end) !== JSON.stringify(expected)) wrong.push(`${kind} ${boundary}: ${JSON.stringify(end)}`);
        if (rest > 0) wrong.push(`${kind} ${boundary}: still ${rest} changes after two runs`);
      }
    }

    expect(wrong, `should end as ${JSON.stringify(expected)}`).toEqual([]);
    expect(tried).toBe(undisturbed.boundaries * 2);
    expect(undisturbed.boundaries).toBeGreaterThan(8);
  });
});

/** Sets the story up, runs it with the kill, then two runs of new processes, and says where everything stands. */
async function play(story: Story, kill?: { at: number; kind: KillKind }) {
  const death = killer();
  const hub = calendarHub({ site: story.site ?? {}, wrapTable: death.wrapTable, wrapFetch: death.wrapFetch });
  story.before?.(hub);
  for (let n = 0; n < 3; n++) await hub.run();
  story.edit(hub);
  death.arm(kill);
  await hub.run().catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });
  const boundaries = death.boundaries();
  death.arm();
  await hub.run();
  await hub.run();
  const quiet = await hub.run();
  return { boundaries, end: stateOf(hub), rest: quiet.planned };
}

const summary = (text: string): string => `${/SUMMARY:(.*)\r/.exec(text)?.[1]}@${/LOCATION:(.*)\r/.exec(text)?.[1] ?? ''}`;

function stateOf(hub: Hub) {
  return {
    rows: hub.rows.all().map((row) => `${row.title}@${row.location ?? ''}/${row.approved}`).sort(),
    objects: hub.objects.all().map((object) => summary(object.text)).sort(),
  };
}
