import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';
import { readSeedConfig } from '../../shared/hub/seed-config.ts';

let folder: string;
beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'concord-test-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string, content: unknown, mode = 0o600): void {
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(join(folder, name), mode);
}

test('both files become variables, under our names', () => {
  put('directus.json', { url: 'https://directus.example.org', token: 'invented-token', collection: 'dates' });
  put('nextcloud.json', { url: 'https://cloud.example.org/remote.php/dav/calendars/hub/', username: 'hub', password: 'invented-password', calendar_name: 'events' });

  expect(readSeedConfig(folder).variables).toEqual({
    DIRECTUS_API_URL: 'https://directus.example.org', DIRECTUS_API_TOKEN: 'invented-token', DIRECTUS_COLLECTION: 'dates',
    NEXTCLOUD_URL: 'https://cloud.example.org/remote.php/dav/calendars/hub/', NEXTCLOUD_USERNAME: 'hub', NEXTCLOUD_PASSWORD: 'invented-password', NEXTCLOUD_CALENDAR_NAME: 'events',
  });
});

test('a notice names what is used, what is of no use and who else can read it, and never a value', () => {
  put('directus.json', { url: 'https://directus.example.org', token: 'invented-token', openai_model: 'x' }, 0o644);

  const { notices } = readSeedConfig(folder);

  expect(notices((name) => name === 'DIRECTUS_API_TOKEN')).toEqual([
    expect.stringMatching(/directus\.json of the older script sets DIRECTUS_API_TOKEN; of no use here: openai_model/),
    expect.stringMatching(/can be read by others; run: chmod 600/),
  ]);
  expect(notices(() => true).join('\n')).not.toContain('invented-token');
  expect(notices(() => false)).toEqual([]);
});

test('without the files there is nothing, and what is wrong in both is told together, without a value', () => {
  const none = readSeedConfig(folder);
  put('directus.json', '{"token": "invented-token"');
  put('nextcloud.json', { username: 7, password: '' });

  const problems = (() => {
    try {
      readSeedConfig(folder);
      return [];
    } catch (error) {
      return error instanceof ConfigurationInvalid ? error.problems : [];
    }
  })();

  expect(none.variables).toEqual({});
  expect(none.notices(() => true)).toEqual([]);
  expect(problems).toEqual([expect.stringMatching(/directus\.json is not valid JSON/), expect.stringMatching(/nextcloud\.json: username: /), expect.stringMatching(/nextcloud\.json: password: /)]);
  expect(problems.join('\n')).not.toContain('invented-token');
});
