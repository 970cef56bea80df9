/** The order between streams (rule 14) where a child has two parents: a participant belongs to an event and to a person. */
import { describe, expect, test } from 'vitest';
import { rosterHub, rostersInStep } from '../samples/roster-hub.ts';

/** One participant of event `e1`, who is person `h1`; which of the two parents is approved yet is the test's. */
function oneParticipant(approved: { readonly event: boolean; readonly person: boolean }) {
  const hub = rosterHub();
  hub.events.source.put('e1', { title: 'Choir' }, approved.event);
  hub.people.source.put('h1', { title: 'Ada' }, approved.person);
  hub.participants.source.put('c1', { title: 'Ada sings', event: 'e1', person: 'h1' });
  return hub;
}

const calledFor = (hub: ReturnType<typeof rosterHub>): readonly string[] => hub.participants.target.calls.filter((call) => /^(create|update|delete)/.test(call));

describe('a child with two parents', () => {
  test.each([
    { late: 'events', approved: { event: false, person: true }, id: 'e1' },
    { late: 'people', approved: { event: true, person: false }, id: 'h1' },
  ] as const)('waits for both, and goes on in the run in which the later one comes: $late', async ({ late, approved, id }) => {
    const hub = oneParticipant(approved);
    const waiting = await hub.run();
    hub[late].source.put(id, {}, true);

    const report = await hub.run();

    expect(waiting.streams['participants']).toMatchObject({ waiting: 1, created: 0 });
    expect(report.streams['participants']).toMatchObject({ created: 1 });
    expect(hub.participants.target.pages.get('copy-c1')?.entity).toEqual({ title: 'Ada sings', event: 'copy-e1', person: 'copy-h1' });
    expect(calledFor(hub)).toEqual(['create copy-c1']);
  });

  test('goes on waiting when the first of its parents comes, and is written once, after the second', async () => {
    const hub = oneParticipant({ event: false, person: false });
    await hub.run();
    hub.people.source.put('h1', {}, true);
    const between = await hub.run();
    hub.events.source.put('e1', {}, true);

    await hub.run();

    expect(between.streams['people']).toMatchObject({ created: 1 });
    expect(calledFor(hub)).toEqual(['create copy-c1']);
  });

  test.each([
    { parent: 'events', id: 'e1' },
    { parent: 'people', id: 'h1' },
  ] as const)('keeps either parent until it is withdrawn itself: $parent', async ({ parent, id }) => {
    const hub = oneParticipant({ event: true, person: true });
    await hub.run();
    hub[parent].source.put(id, {}, false);
    const early = await hub.run();
    const whileChildStands = hub[parent].target.titles;
    hub.participants.source.put('c1', {}, false);

    await hub.run();

    expect(early.streams[parent]).toMatchObject({ waiting: 1, deleted: 0 });
    expect(whileChildStands).toHaveLength(1);
    expect([hub[parent].target.titles, hub.participants.target.titles]).toEqual([[], []]);
  });

  test.each([
    { parent: 'events', field: 'event', id: 'e1' },
    { parent: 'people', field: 'person', id: 'h1' },
  ] as const)('follows a parent that has another id now, and writes that field alone: $parent', async ({ parent, field, id }) => {
    const hub = await rostersInStep({ e1: 1, e2: 1 });
    const { target } = hub[parent];
    const write = target.write.bind(target);
    target.write = async (writes) => (await write(writes)).map((result) => (result.kind === 'done' ? { ...result, id: 'copy-of-new-card' } : result));
    hub[parent].source.put(id, { title: 'New card' });
    await hub.run();
    const forgotten = await hub.linkOf('participants', 'e1-1');
    const sent: unknown[] = [];
    const writeChild = hub.participants.target.write.bind(hub.participants.target);
    hub.participants.target.write = async (writes) => {
      sent.push(...writes.map(({ staged }) => (staged.kind === 'update' ? Object.keys(staged.fields) : staged.kind)));
      return writeChild(writes);
    };

    const report = await hub.run();
    const quiet = await hub.run();

    const children = parent === 'events' ? ['e1-1'] : ['e1-1', 'e2-1'];
    expect(Object.entries(forgotten?.base?.source.fields ?? {}).flatMap(([name, digest]) => (digest === '-' ? [name] : []))).toEqual([field]);
    expect(sent).toEqual(children.map(() => [field]));
    expect([report.streams['participants']?.updated, quiet.planned]).toEqual([children.length, 0]);
    expect(children.map((child) => hub.participants.target.pages.get(`copy-${child}`)?.entity[field])).toEqual(children.map(() => 'copy-of-new-card'));
  });
});
