/**
 * What `doctor` asks LibCal, Alma and PassagePoint: whether they answer, whether they know us, and whether every place that the settings
 * name stands there. Reads only.
 */
import type { Settings } from '../connectors/libcal-passagepoint/settings.ts';
import type { AlmaClient } from '../vendors/alma/client.ts';
import type { LibcalClient } from '../vendors/libcal/client.ts';
import type { PassagePointClient } from '../vendors/passagepoint/client.ts';
import { check, type Check } from './checks.ts';

const file = 'config/libcal-passagepoint.json';

export async function libcalChecks(libcal: LibcalClient, { locations, libcal: { idQuestion } }: Settings): Promise<readonly Check[]> {
  const signedIn = await check('LibCal sign-in', async () => {
    const { scopes } = await libcal.signIn();
    if (scopes.length > 0 && !scopes.includes('sp_r')) return { ok: false, detail: `this application may read ${scopes.join(', ')}, but no spaces`, advice: 'give it the scope sp_r in LibCal, Admin, API' };
    return { ok: true, detail: 'the application is accepted' };
  });
  if (!signedIn.ok) return [signedIn];
  const places = await check('LibCal locations', async () => {
    const known = new Set((await libcal.locations()).map(({ lid }) => lid));
    const missing = locations.filter(({ lid }) => !known.has(lid)).map(({ lid, name }) => `${lid} (${name})`);
    if (missing.length > 0) return { ok: false, detail: `LibCal has no location ${missing.join(', ')}`, advice: `correct the lid in ${file}` };
    return { ok: true, detail: `${locations.length} locations are there` };
  });
  if (idQuestion === null) return [signedIn, places];
  const question = await check(`LibCal form question ${idQuestion}`, async () => {
    const [found] = await libcal.questions([Number(idQuestion.slice(1))]);
    if (found === undefined) return { ok: false, detail: 'LibCal does not know it', advice: `name the question that asks for the university id in ${file}, libcal.idQuestion` };
    return { ok: true, detail: `it reads "${found.label}"` };
  });
  return [signedIn, places, question];
}

export async function almaChecks(alma: AlmaClient): Promise<readonly Check[]> {
  return [await check('Alma keys', async () => {
    await alma.signIn();
    return { ok: true, detail: 'every key is accepted' };
  })];
}

export async function passagePointChecks(passagePoint: PassagePointClient, { locations, passagePoint: { capabilities } }: Settings): Promise<readonly Check[]> {
  const signedIn = await check('PassagePoint sign-in', async () => {
    await passagePoint.signIn();
    return { ok: true, detail: 'the account is accepted' };
  });
  if (!signedIn.ok) return [signedIn];
  const destinations = await check('PassagePoint destinations', async () => {
    const known = new Set(await passagePoint.destinations());
    const wanted = new Set(locations.flatMap(({ destination, elsewhere }) => [destination, ...elsewhere.map((place) => place.destination)]));
    const missing = [...wanted].filter((name) => !known.has(name));
    if (missing.length > 0) return { ok: false, detail: `PassagePoint has no destination ${missing.join(', ')}`, advice: `make it there, or correct the name in ${file}` };
    return { ok: true, detail: `${wanted.size} destinations are there` };
  });
  const off = Object.entries(capabilities).filter(([, isOn]) => !isOn).map(([name]) => name);
  const withdrawals = capabilities.cancelPreReg || capabilities.updatePreReg ? 'cancelled bookings are withdrawn by us' : 'cancelled bookings come to the worklist, and staff cancels them by hand';
  return [signedIn, destinations, { name: 'PassagePoint capabilities', ok: true, detail: off.length === 0 ? withdrawals : `${withdrawals}; off: ${off.join(', ')}` }];
}
