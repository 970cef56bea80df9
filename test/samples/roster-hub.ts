/** A hub whose children have two parents, over notebooks: events, people, and participants who belong to one of each. */
import { defaultGuard } from '../../shared/sync/guard.ts';
import { mirror } from '../../shared/sync/policy.ts';
import { driver, notebookHub } from './notebook-hub.ts';
import { Notebook, notebookKey } from './notebook.ts';

export function rosterHub() {
  const { clock, stream, table } = notebookHub();
  const pair = { source: new Notebook({ system: 'source' }), target: new Notebook({ system: 'target' }) };
  const events = { ...stream, name: 'events', policy: mirror, ...pair };
  const people = { ...stream, name: 'people', policy: mirror, source: new Notebook({ system: 'source' }), target: new Notebook({ system: 'target' }) };
  const participants = {
    ...stream, name: 'participants', policy: mirror, fields: ['title', 'event', 'person'], keyFor: notebookKey, guard: defaultGuard, guardPer: 'event',
    source: new Notebook({
      system: 'source',
      parents: ({ entity }) => ({ event: { stream: 'events', sourceId: String(entity['event']) }, person: { stream: 'people', sourceId: String(entity['person']) } }),
    }),
    target: new Notebook({ system: 'target' }),
  };
  return { ...driver({ clock, table, streams: [events, people, participants] }), clock, table, events, people, participants };
}

/** Events with so many participants each, in step: participant `<event>-<n>` is person `h<n>`. */
export async function rostersInStep(rosters: { readonly [event: string]: number }): Promise<ReturnType<typeof rosterHub>> {
  const hub = rosterHub();
  for (let n = 1; n <= Math.max(...Object.values(rosters)); n++) hub.people.source.put(`h${n}`, { title: `Person ${n}` });
  for (const [event, count] of Object.entries(rosters)) {
    hub.events.source.put(event, { title: `Event ${event}` });
    for (let n = 1; n <= count; n++) hub.participants.source.put(`${event}-${n}`, { title: `${event} ${n}`, event, person: `h${n}` });
  }
  await hub.run();
  return hub;
}
