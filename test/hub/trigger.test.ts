/** What the functions take for a trigger, and what they do not. */
import { expect, test } from 'vitest';
import { connectorIn, errandIn, lookIn, runTriggerIn, startIn } from '../../shared/hub/trigger.ts';

const connector = 'directus-nextcloud';
const errand = (asked: object): unknown => ({ trigger: 'errand', errand: { connector, ...asked } });

test.each(['schedule', 'manual', 'again', 'continue'])('a run by %s is taken with all that it may say', (trigger) => {
  const event = { trigger, connector, full: true, only: 'events', continuation: 2, at: '2026-11-23T09:00:00Z' };

  expect(runTriggerIn(event)).toEqual(event);
  expect(startIn(JSON.stringify({ trigger, connector }))).toMatchObject({ trigger, connector });
});

test.each([
  ['no connector', { trigger: 'schedule' }],
  ['another trigger', { trigger: 'webhook', connector }],
  ['a flag that is a word', { trigger: 'manual', connector, full: 'yes' }],
  ['half a continuation', { trigger: 'continue', connector, continuation: 1.5 }],
  ['something that nobody knows', { trigger: 'manual', connector, dry: true }],
  ['a list', [{ trigger: 'manual', connector }]],
])('a run with %s is none', (_what, event) => {
  expect(runTriggerIn(event)).toBeUndefined();
});

test.each([
  { kind: 'run', dry: true, full: false, clean: true, only: 'events' },
  { kind: 'look' },
  { kind: 'settle', key: '1', take: 'source', by: 'mira' },
  { kind: 'settle', key: '1', take: { location: 'target' }, by: 'mira', version: 'v' },
  { kind: 'undo', key: '1', by: 'mira' },
  { kind: 'replay' },
  { kind: 'replay', id: '1' },
  { kind: 'carry-out', plan: 'plan-1' },
])('an errand is taken as it is meant: %j', (asked) => {
  expect(errandIn(errand(asked))).toMatchObject({ connector, ...asked });
  expect(runTriggerIn(errand(asked))).toBeUndefined();
});

test.each([
  ['of no kind', {}],
  ['that nobody can do', { kind: 'reset' }],
  ['with half of what it needs', { kind: 'settle', key: '1', by: 'mira' }],
  ['that takes a side that there is not', { kind: 'settle', key: '1', by: 'mira', take: { location: 'both' } }],
  ['that takes nothing', { kind: 'settle', key: '1', by: 'mira', take: {} }],
  ['with something that nobody knows', { kind: 'look', everything: true }],
  ['without a plan', { kind: 'carry-out' }],
])('an errand %s is none', (_what, asked) => {
  expect(errandIn(errand(asked))).toBeUndefined();
});

test('a look names a connector, a stream and some links; anything else is none, and may still say whose it was', () => {
  const look = { connector, stream: 'events', plan: '', keys: ['a', 'b'] };

  expect(lookIn(JSON.stringify(look))).toEqual(look);
  for (const other of [{ ...look, keys: [] }, { ...look, keys: [1] }, { ...look, keys: Array.from({ length: 1001 }, String) }, { ...look, stream: undefined }, { ...look, plan: 3 }]) expect(lookIn(JSON.stringify(other))).toBeUndefined();
  expect(connectorIn(JSON.stringify({ connector, keys: 'all' }))).toBe(connector);
  expect([lookIn('{'), startIn('{'), connectorIn('{')]).toEqual([undefined, undefined, undefined]);
});
