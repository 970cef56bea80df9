import { expect, test } from 'vitest';
import { pairText, printable, wrapped } from '../../bin/print-pair.ts';
import type { PairShown } from '../../shared/hub/front-desk.ts';

const pair: PairShown = {
  connector: 'directus-nextcloud', stream: 'events', key: 'k', id: '42', state: 'parked', sides: { source: 'Directus', target: 'Nextcloud' },
  problem: { code: 'TARGET_EDITED', message: 'the target changed location' },
  conflict: {
    code: 'TARGET_EDITED', since: '2026-11-23T09:00:00.000Z',
    fields: [
      { field: 'location', source: 'Town hall, room 2', target: 'Library, ground floor, beside the reading room' },
      { field: 'categories', source: ['board', 'open'], target: [] },
      { field: 'cost', source: null, target: undefined },
    ],
  },
};

test('both values of each field stand side by side, wrapped to the width of the terminal', () => {
  expect(pairText(pair, 70).split('\n')).toEqual([
    'directus-nextcloud  events 42  parked  TARGET_EDITED  the target changed location',
    'TARGET_EDITED since 2026-11-23T09:00:00.000Z',
    '',
    '            Directus                      Nextcloud',
    '----------  ----------------------------  ----------------------------',
    'location    Town hall, room 2             Library, ground floor,',
    '                                          beside the reading room',
    'categories  board, open                   (none)',
    'cost        (empty)                       (not known)',
  ]);
});

test('a narrow terminal has them one under the other', () => {
  const lines = pairText(pair, 30).split('\n').slice(3);

  expect(lines.slice(0, 6)).toEqual(['location', '  Directus:', '    Town hall, room 2', '  Nextcloud:', '    Library, ground floor,', '    beside the reading room']);
});

test('a pair without two values says what else helps', () => {
  expect(pairText({ ...pair, conflict: undefined, problem: { code: 'E_ATTENDEES', message: 'the event has guests' } }, 80)).toContain('-> mend it where it stands, then: concord replay directus-nextcloud 42');
});

test('what an event says cannot steer the terminal', () => {
  const said = pairText({ ...pair, conflict: { code: 'X', since: '', fields: [{ field: 'title', source: '\u001B[2Jgone\u0007', target: 'evil\u202Etxt\rover' }] } }, 80);

  for (const sign of ['\u0007', '\r', '\u001B', '\u202E']) expect(said).not.toContain(sign);
  expect(said).toContain('␛[2Jgone␇');
  expect(printable('a\tb\nc')).toBe('a b\nc');
});

test('long words are cut, signs of several parts are not', () => {
  expect(wrapped('abcdefghij klm', 5)).toEqual(['abcde', 'fghij', 'klm']);
  expect(wrapped('👩‍🌾👩‍🌾👩‍🌾', 2)).toEqual(['👩‍🌾👩‍🌾', '👩‍🌾']);
  expect(wrapped('one\n\ntwo', 9)).toEqual(['one', '', 'two']);
});
