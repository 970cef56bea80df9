/**
 * What `doctor` asks on one machine: whether the state can be written to, whether each connector in use is set up and its systems answer,
 * and how far our clock is from theirs. Reads only.
 */
import { accessSync, constants } from 'node:fs';
import { inMemory } from '../stores/sqlite-file.ts';
import type { CatalogEntry } from './catalog.ts';
import { check, type Answered, type Check } from './checks.ts';
import type { DateWatch } from './date-watch.ts';
import type { Connected } from './local-connections.ts';

export interface DoctorParts {
  readonly statePath: string;
  readonly entries: readonly CatalogEntry[];
  /** @throws ConfigurationInvalid */
  readonly connect: (connectorId: string) => Promise<Connected>;
  readonly dates: DateWatch;
}

const skewMaxMs = 60_000;

export async function localChecks({ statePath, entries, connect, dates }: DoctorParts): Promise<readonly Check[]> {
  const checks: Check[] = [await check('State folder', () => stateAnswer(statePath))];
  for (const entry of entries) checks.push(...(await connectorChecks(entry, connect)));
  for (const [host, skewMs] of dates.skews()) checks.push(await check(`Clock against ${host}`, () => skewAnswer(skewMs)));
  return checks;
}

async function connectorChecks({ id }: CatalogEntry, connect: DoctorParts['connect']): Promise<readonly Check[]> {
  let ready: Connected | undefined;
  const configured = await check(`Configuration of ${id}`, async () => {
    ready = await connect(id);
    return { ok: true, detail: 'all variables are set and the settings are well-formed' };
  });
  if (!ready) return [configured];
  const answers = await ready.built.checks();
  if (answers.every(({ ok }) => ok)) ready.signIns.accepted();
  await ready.notes.save();
  return [configured, ...answers];
}

function stateAnswer(path: string): Answered {
  // Opening it has written already; what is asked here is whether that was luck.
  if (path !== inMemory) accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  return { ok: true, detail: `${path} is writable` };
}

function skewAnswer(skewMs: number): Answered {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const detail = `ours is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead'}`;
  return Math.abs(skewMs) <= skewMaxMs ? { ok: true, detail } : { ok: false, detail, advice: 'switch on time synchronisation (NTP) here, or there' };
}
