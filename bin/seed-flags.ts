/**
 * The three flags of the script that many sites come from, in place of a verb, so that a crontab or unit needs only another name in
 * front of them: `--sync-once`, `--schedule`, `--clean`. Not in the help; docs/tutorial.md has them.
 *
 *   --sync-once             run directus-nextcloud
 *   --schedule              run directus-nextcloud --every 60m
 *   --clean                 run directus-nextcloud --clean         (the script removed at once; here it is held for a person)
 *   --clean --schedule      run directus-nextcloud --clean --every 60m   (only the first of them cleans)
 */
const theirs = new Set(['--sync-once', '--schedule', '--clean']);
const along = new Set(['--json']);

/** @param words  the command line behind the program's name. @returns it as our verbs have it; unchanged where it is not the script's. */
export function wordsOf(words: readonly string[]): readonly string[] {
  const isTheirs = words.some((word) => theirs.has(word)) && words.every((word) => theirs.has(word) || along.has(word));
  if (!isTheirs) return words;
  const has = (flag: string): boolean => words.includes(flag);
  return [
    'run', 'directus-nextcloud',
    ...(has('--clean') ? ['--clean'] : []),
    ...(has('--schedule') ? ['--every', '60m'] : []),
    ...words.filter((word) => along.has(word)),
  ];
}
