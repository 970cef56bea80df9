/** What counts as a zone without asking for it has to be one that times can be computed in. */
import { Temporal } from 'temporal-polyfill';
import { expect, it } from 'vitest';
import { findWindows, IANA_ALIAS_MAP, WINDOWS_TO_IANA_MAP } from 'windows-iana';
import { ianaName } from '../../../shared/base/zone-names.ts';
import { zoneNamed } from '../../../shared/vendors/nextcloud/zones.ts';

const named = [...new Set([...WINDOWS_TO_IANA_MAP.flatMap(({ iana }) => iana), ...IANA_ALIAS_MAP.flatMap(({ alias }) => alias)])];
const taken = named.filter((name) => findWindows(name).length > 0);

it('every zone that the table of Windows names knows can be computed in', () => {
  const local = Temporal.PlainDateTime.from('2027-03-04T18:00:00');

  const unfit = taken.filter((name) => {
    try {
      zoneNamed(name).instantOf(local);
      return ianaName(name) !== name;
    } catch {
      return true;
    }
  });

  expect(taken.length).toBeGreaterThan(400);
  expect(unfit).toEqual([]);
});

it('a zone that the table does not know is still asked for', () => {
  const unlisted = ['Europe/Kyiv', 'Europe/Nowhere'].filter((name) => findWindows(name).length === 0);

  expect(unlisted).toEqual(['Europe/Kyiv', 'Europe/Nowhere']);
  expect(unlisted.map(ianaName)).toEqual(['Europe/Kyiv', undefined]);
});
