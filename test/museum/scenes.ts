/** How scenarios begin: filled notebooks, a calendar with events, a worker that dies at the worst moment. */
import { releasePlan } from '../../shared/engine/word.ts';
import { calendarHub } from '../samples/calendar-hub.ts';
import { notebookHub, type HubSettings } from '../samples/notebook-hub.ts';

export type NotebookHub = ReturnType<typeof notebookHub>;
export type CalendarHub = ReturnType<typeof calendarHub>;

/** Pages 1 to `count` in the source, not yet in step. */
export function filled(count: number, settings: HubSettings = {}): NotebookHub {
  const hub = notebookHub(settings);
  for (let n = 1; n <= count; n++) hub.source.put(String(n), { title: `Page ${n}`, place: 'Hall' });
  return hub;
}

/** Both notebooks hold pages 1 to `count`, and nobody has anything to do. */
export async function inStep(count: number, settings: HubSettings = {}): Promise<NotebookHub> {
  const hub = filled(count, settings);
  await hub.run();
  return hub;
}

/** The worker dies between the effect of its write and the record; its name. */
export async function killedAfterWrite(hub: NotebookHub, side: 'source' | 'target'): Promise<string> {
  const write = hub[side].write.bind(hub[side]);
  hub[side].write = async (writes) => {
    await write(writes);
    throw new Error('killed');
  };
  await hub.run().catch(() => undefined);
  hub[side].write = write;
  return [...hub.dead].at(-1) ?? '';
}

export const startsAt = '2027-03-04T18:00:00.000Z';

/** Approved events in Directus and in the calendar, and nobody has anything to do. */
export async function inCalendar(titles: readonly string[], settings: Parameters<typeof calendarHub>[0] = {}): Promise<CalendarHub> {
  const hub = calendarHub(settings);
  for (const title of titles) hub.rows.add({ title, start_date: startsAt, approved: true });
  await hub.run();
  return hub;
}

export const summariesIn = (hub: CalendarHub): readonly (string | undefined)[] => hub.objects.all().map(({ text }) => /SUMMARY:(.*)\r/.exec(text)?.[1]);

/** A person has looked at the plan that is held, and lets it go. */
export async function releaseHeld(hub: NotebookHub): Promise<void> {
  const held = (await hub.runs.plans()).find(({ state }) => state === 'held');
  await releasePlan(hub.world(), held?.id ?? '', 'a person');
}
