/** What every entry of the catalog with an OAuth system has to say, and the sample of the tests like them. */
import { expect, test } from 'vitest';
import { catalog } from '../../shared/hub/catalog.ts';
import { skyEntry } from '../samples/sky.ts';

const entries = [...catalog, skyEntry].flatMap((entry) => (entry.oauth === undefined ? [] : [{ id: entry.id, entry, oauth: entry.oauth }]));

test.each(entries)('$id: what belongs to a sign-in is listed, tokens and secrets are never shown, and a connector starts without any of it', ({ entry, oauth }) => {
  const byName = new Map(entry.variables.map((variable) => [variable.name, variable]));
  const { clientSecret, accessToken, refreshToken } = oauth.names;

  for (const name of Object.values(oauth.names)) expect(byName.get(name)).toMatchObject({ system: oauth.system, isOptional: true });
  for (const name of [clientSecret, accessToken, refreshToken]) expect(byName.get(name)?.isSecret).toBe(true);
  for (const address of [oauth.authorizeUrl, oauth.tokenUrl]) expect(new URL(address).protocol).toBe('https:');
  expect(oauth.system).toMatch(/^[a-z][a-z0-9-]*$/);
});
