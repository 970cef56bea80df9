import { expect, test } from 'vitest';
import { wordsOf } from '../../bin/seed-flags.ts';

test.each([
  { words: ['--sync-once'], means: ['run', 'directus-nextcloud'] },
  { words: ['--schedule'], means: ['run', 'directus-nextcloud', '--every', '60m'] },
  { words: ['--clean'], means: ['run', 'directus-nextcloud', '--clean'] },
  { words: ['--schedule', '--clean'], means: ['run', 'directus-nextcloud', '--clean', '--every', '60m'] },
  { words: ['--sync-once', '--json'], means: ['run', 'directus-nextcloud', '--json'] },
])('the script\'s $words mean $means', ({ words, means }) => {
  expect(wordsOf(words)).toEqual(means);
});

test.each([{ words: ['run', 'directus-nextcloud', '--clean'] }, { words: ['--help'] }, { words: [] }, { words: ['--clean', '--force'] }, { words: ['--json'] }])('$words are our own words and stay', ({ words }) => {
  expect(wordsOf(words)).toEqual(words);
});
