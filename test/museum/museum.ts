/**
 * Runs every exhibit twice: in the hub as it is, where its promise has to hold, and in a copy without the one defence, where
 * the scenario has to notice the damage. An exhibit that holds in both worlds proves nothing, and is reported as such.
 */
import { AssertionError } from 'node:assert';
import deciding from './deciding.ts';
import deleting from './deleting.ts';
import type { Exhibit } from './exhibit.ts';
import histories from './histories.ts';
import { loader, type Loader } from './loader.ts';
import reading from './reading.ts';
import waiting from './waiting.ts';
import writing from './writing.ts';

export interface Shown {
  readonly name: string;
  readonly story: string;
  readonly passesWithDefence: boolean;
  readonly failsWithoutDefence: boolean;
  /** What the scenario said of the world without the defence, or what is wrong with the exhibit. */
  readonly detail: string;
}

const rooms: readonly { readonly file: string; readonly exhibits: readonly Exhibit[] }[] = [
  { file: './reading.ts', exhibits: reading },
  { file: './writing.ts', exhibits: writing },
  { file: './deleting.ts', exhibits: deleting },
  { file: './deciding.ts', exhibits: deciding },
  { file: './waiting.ts', exhibits: waiting },
  { file: './histories.ts', exhibits: histories },
];

/** The names of all exhibits, in the order in which they are shown. */
export const exhibitNames: readonly string[] = rooms.flatMap(({ exhibits }) => exhibits.map(({ name }) => name));

export async function runMuseum(): Promise<readonly Shown[]> {
  const load = loader();
  try {
    const shown: Shown[] = [];
    for (const { file, exhibits } of rooms) {
      for (const exhibit of exhibits) shown.push(await show(load, new URL(file, import.meta.url).href, exhibit));
    }
    return shown;
  } finally {
    load.close();
  }
}

async function show(load: Loader, roomUrl: string, exhibit: Exhibit): Promise<Shown> {
  const { name, story } = exhibit;
  const held = await outcomeOf(exhibit);
  const passesWithDefence = held === undefined;
  const told = (failsWithoutDefence: boolean, detail: string): Shown => ({ name, story, passesWithDefence, failsWithoutDefence, detail: passesWithDefence ? detail : `with its defence: ${messageOf(held)}` });
  try {
    const twin = exhibitIn(await load.loadWithout(roomUrl, name, exhibit.without), name);
    const damage = await outcomeOf(twin);
    if (damage === undefined) return told(false, 'nothing happened without the defence: the scenario proves nothing');
    // Any other error says that the copy is broken, not that its data is.
    return isAssertion(damage) ? told(true, messageOf(damage)) : told(false, `the copy broke in another way: ${messageOf(damage)}`);
  } catch (error) {
    return told(false, messageOf(error));
  }
}

async function outcomeOf(exhibit: Pick<Exhibit, 'scenario'>): Promise<unknown> {
  try {
    await exhibit.scenario();
    return undefined;
  } catch (error) {
    return error ?? new Error('something empty was thrown');
  }
}

const isAssertion = (error: unknown): boolean => error instanceof AssertionError;

/** The first line: what an assertion compared is the business of whoever debugs it. */
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';

/** The same exhibit in the copy of its room. */
function exhibitIn(room: unknown, name: string): Pick<Exhibit, 'scenario'> {
  const exhibits: unknown = typeof room === 'object' && room !== null && 'default' in room ? room.default : undefined;
  const found: unknown = Array.isArray(exhibits) ? exhibits.find((one: unknown) => isExhibit(one) && one.name === name) : undefined;
  if (!isExhibit(found)) throw new Error(`the copy of the room has no exhibit called ${name}`);
  return found;
}

function isExhibit(value: unknown): value is Exhibit {
  return typeof value === 'object' && value !== null && 'name' in value && 'scenario' in value && typeof value.scenario === 'function';
}
