/** `concord invoke` as a person types it: without any configuration it happens in the invented world. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addInvoke } from '../../bin/commands/invoke.ts';
import { manualClock } from '../../shared/base/clock.ts';
import { fieldsOf } from '../../shared/base/fields-of.ts';
import { workplace } from './concord.ts';
import { inside } from './inside.ts';

const event = (name: string): string => join(import.meta.dirname, '../../events', name);
const nowhere: typeof fetch = () => Promise.reject(new TypeError('fetch failed'));

test('a tick of the schedule plans and writes, and tells so as one document', async () => {
  const place = workplace();

  const { code, out, err } = await place.run('invoke', 'directus-nextcloud-plan', event('schedule-tick.json'), '--json');

  expect([code, err]).toEqual([0, '']);
  expect(JSON.parse(out)).toMatchObject({ answer: { kind: 'report', report: { state: 'finished' } }, afterwards: [{ name: 'directus-nextcloud-apply' }] });
  place.remove();
});

test('the invented world has the systems of every connector', async () => {
  const place = workplace();

  const { code, out } = await inside(addInvoke, { folder: place.folder, env: {}, clock: manualClock(), fetch: nowhere }, ['invoke', 'libcal-passagepoint-plan', event('library-schedule-tick.json'), '--json']);

  expect(code).toBe(0);
  const { answer, afterwards } = fieldsOf(JSON.parse(out));
  expect(answer).toMatchObject({ kind: 'report', report: { state: 'finished', problems: [] } });
  expect(afterwards).toContainEqual({ name: 'libcal-passagepoint-apply', answer: { batchItemFailures: [] } });
  place.remove();
});

test('a function or a file that there is not ends with 2', async () => {
  const place = workplace();

  const unknown = await place.run('invoke', 'plan', event('schedule-tick.json'));
  const missing = await place.run('invoke', 'api', 'no-such-file.json');

  expect([unknown.code, missing.code]).toEqual([2, 2]);
  expect(unknown.err).toContain('directus-nextcloud-plan');
  expect(missing.err).toContain('no-such-file.json');
  place.remove();
});
