/**
 * What `doctor` asks Directus and Nextcloud: whether they answer, whether they know us, and whether what we need is there.
 * Reads only: a calendar that is missing is not made here.
 */
import type { Settings } from '../connectors/directus-nextcloud/settings.ts';
import type { DirectusClient } from '../vendors/directus/client.ts';
import type { CaldavClient } from '../vendors/nextcloud/caldav.ts';
import { check, type Answered, type Check } from './checks.ts';

export async function directusChecks(directus: DirectusClient, settings: Settings): Promise<readonly Check[]> {
  const { collection, fields, approval } = settings.directus;
  const reachable = await check('Directus answers', async () => {
    await directus.ping();
    return { ok: true, detail: 'it answers' };
  });
  if (!reachable.ok) return [reachable];
  const signedIn = await check('Directus sign-in', async () => {
    await directus.whoAmI();
    return { ok: true, detail: 'the token is accepted' };
  });
  if (!signedIn.ok) return [reachable, signedIn];
  const columns = await check(`Directus collection ${collection}`, async () => {
    const names = Object.values(fields).filter((name) => name !== null);
    const missing = new Set(await directus.checkFields(names));
    const needed = [fields.title, fields.start, fields[approval.by]].filter((name) => name !== null && missing.has(name));
    const listed = [...missing].join(', ');
    if (needed.length > 0) return { ok: false, detail: `fields that are needed are missing or hidden: ${needed.join(', ')}`, advice: 'name the fields in config/directus-nextcloud.json, and let the role of the token read them' };
    return { ok: true, detail: missing.size === 0 ? `all ${names.length} fields are there` : `left out, because the collection does not have them or hides them: ${listed}` };
  });
  return [reachable, signedIn, columns];
}

/** One request answers all of it: without a listing of the home there is no calendar to judge. */
export async function nextcloudChecks(caldav: CaldavClient, calendarName: string): Promise<readonly Check[]> {
  let calendar: Answered | undefined;
  const home = await check('Nextcloud sign-in and calendar home', async () => {
    const found = await caldav.findCalendar();
    if (found === undefined) calendar = { ok: true, detail: `there is none called ${calendarName} yet; the first run makes it` };
    else if (found.readOnly) calendar = { ok: false, detail: 'it is read-only for this account', advice: 'let its owner share it with the right to edit, or name another calendar' };
    else if (!found.owned) calendar = { ok: true, detail: 'it is shared with this account: private events of its owner stay hidden' };
    else calendar = { ok: true, detail: 'it is there, ours and writable' };
    return { ok: true, detail: 'the account is accepted' };
  });
  return calendar === undefined ? [home] : [home, { name: `Nextcloud calendar ${calendarName}`, ...calendar }];
}
