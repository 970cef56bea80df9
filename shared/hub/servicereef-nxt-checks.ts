/**
 * What `doctor` asks ServiceReef and NXT: whether they answer and know us, whose trips these are, and whether every type and category that the
 * settings name stands in the tenant's tables. Reads only. Which statuses of registrations occur is not looked for: a roster is full of people.
 */
import type { Settings } from '../connectors/servicereef-nxt/settings.ts';
import type { ServiceReefClient } from '../vendors/servicereef/client.ts';
import type { SkyClient } from '../vendors/sky/client.ts';
import { check, type Answered, type Check } from './checks.ts';

const file = 'config/servicereef-nxt.json';

export async function serviceReefChecks(reef: ServiceReefClient): Promise<readonly Check[]> {
  const signedIn = await check('ServiceReef sign-in', async () => {
    await reef.signIn();
    return { ok: true, detail: 'APP ID and KEY are accepted' };
  });
  return signedIn.ok ? [signedIn, await check('ServiceReef trips', () => tripsIn(reef))] : [signedIn];
}

/** Read to the end, as each run does: a list that does not add up is worth knowing before the first one. */
async function tripsIn(reef: ServiceReefClient): Promise<Answered> {
  const organisations = new Set<string>();
  let [count, unreadable] = [0, 0];
  for await (const { rows, rejected } of reef.events()) {
    count += rows.length + rejected.length;
    unreadable += rejected.length;
    for (const { organizationName, organizationId } of rows) {
      const name = organizationName ?? organizationId;
      if (name !== undefined) organisations.add(name);
    }
  }
  if (count === 0) return { ok: true, detail: 'it lists none yet; are the keys those of the right organisation?' };
  const whose = organisations.size === 0 ? '' : ` of ${[...organisations].join(', ')}`;
  if (unreadable > 0) return { ok: false, detail: `${count} trips${whose}, of which ${unreadable} cannot be read`, advice: 'the others are brought along; a run names each that is not' };
  return { ok: true, detail: `${count} trips${whose}` };
}

/** The first answer also tells whether subscription key and token are accepted; without it nothing else is asked. */
export async function nxtChecks({ tables }: Pick<SkyClient, 'tables'>, { types, events }: Pick<Settings, 'types' | 'events'>): Promise<readonly Check[]> {
  let emailTypes: readonly string[] = [];
  const signedIn = await check('NXT sign-in', async () => {
    emailTypes = await tables.emailTypes();
    return { ok: true, detail: 'subscription key and access token are accepted' };
  });
  if (!signedIn.ok) return [signedIn];
  const { email, phone, address, alias } = types;
  return [
    signedIn,
    await typeCheck('email', email, async () => emailTypes),
    await typeCheck('phone', phone, () => tables.phoneTypes()),
    await typeCheck('address', address, () => tables.addressTypes()),
    ...(alias === null ? [] : [await typeCheck('alias', alias, () => tables.aliasTypes())]),
    await check('NXT event categories', () => categoriesIn(tables, events)),
  ];
}

function typeCheck(name: keyof Settings['types'], wanted: string, ask: () => Promise<readonly string[]>): Promise<Check> {
  return check(`NXT ${name} type`, async () => {
    const known = await ask();
    if (known.includes(wanted)) return { ok: true, detail: `${wanted} is there` };
    return { ok: false, detail: `NXT has no ${name} type ${wanted}; it has ${known.join(', ')}`, advice: `name one of them in ${file}, types.${name}, or add ${wanted} to NXT's tables` };
  });
}

async function categoriesIn(tables: SkyClient['tables'], { categories, usualCategory }: Settings['events']): Promise<Answered> {
  const wanted = [...new Set([...Object.values(categories), ...(usualCategory === null ? [] : [usualCategory])])];
  const { rows } = await tables.eventCategories();
  const missing = wanted.filter((name) => !rows.some((row) => row.name === name));
  const inactive = wanted.filter((name) => !missing.includes(name) && !rows.some((row) => row.name === name && row.inactive !== true));
  const wrong = [missing.length > 0 ? `NXT has no event category ${missing.join(', ')}` : '', inactive.length > 0 ? `inactive in NXT: ${inactive.join(', ')}` : ''].filter((text) => text !== '');
  if (wrong.length > 0) return { ok: false, detail: wrong.join('; '), advice: `correct the name in ${file}, events, or make the category in NXT and set it active` };
  return { ok: true, detail: wanted.length === 0 ? 'the settings name none; a category of ServiceReef is looked for under its own name' : `${wanted.length} categories are there` };
}
