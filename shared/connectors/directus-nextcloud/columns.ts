/**
 * Which of the configured fields the collection really has. Directus ignores unknown fields in a write without a word
 * (confirmed), so nothing is written before this is known; it refuses them in a reading, so that a reading which succeeds is
 * the proof and costs nothing extra. Only a refusal, or a write that comes first, asks.
 */
import { ConfigurationInvalid } from '../../base/errors.ts';
import type { DirectusClient } from '../../vendors/directus/client.ts';
import { isForbidden } from '../../vendors/directus/refusals.ts';
import type { Columns } from './map.ts';
import { fieldRoles, type FieldRole, type Settings } from './settings.ts';

export interface CollectionColumns {
  /** As far as known: the configured ones, until a refusal teaches better. */
  assumed(): Columns;
  /** Whether rows tell when they were made and changed. */
  isDated(): boolean;
  names(columns: Columns): readonly string[];
  /** @throws ConfigurationInvalid that lists the needed fields which are missing. */
  checked(): Promise<Columns>;
  /** Runs a reading of all fields; where it is refused, finds out which are missing and runs it again. */
  reading<T>(work: (names: readonly string[]) => Promise<T>): Promise<{ readonly rows: T; readonly columns: Columns }>;
  /** Runs a reading of the dates; undefined where there are none. */
  whenDated<T>(work: () => Promise<T>): Promise<T | undefined>;
}

export function collectionColumns(deps: { readonly directus: DirectusClient; readonly notice?: ((message: string) => void) | undefined }, settings: Settings): CollectionColumns {
  const needed: readonly FieldRole[] = ['title', 'start', settings.directus.approval.by, ...(settings.directus.deletes !== 'never' ? (['status'] as const) : [])];
  let columns = withDatesOrNone(configured(settings));
  let isKnown = false;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    const missing = new Set(await deps.directus.checkFields(namesOf(columns)));
    const lost = fieldRoles.filter((role) => missing.has(columns[role] ?? ''));
    const problems = lost.filter((role) => needed.includes(role)).map((role) => `directus.fields.${role}: the collection ${settings.directus.collection} has no field ${columns[role]}, or does not show it`);
    if (problems.length > 0) throw new ConfigurationInvalid(problems);
    for (const role of lost) deps.notice?.(`the collection ${settings.directus.collection} has no field ${columns[role]}: ${role} is left out`);
    columns = withDatesOrNone(Object.fromEntries(Object.entries(columns).filter(([, name]) => name !== undefined && !missing.has(name))));
    isKnown = true;
  }

  async function check(): Promise<void> {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    await asking;
  }

  const isDated = (): boolean => columns.dateUpdated !== undefined;

  return {
    assumed: () => columns,
    isDated,
    names: namesOf,
    checked: async () => {
      if (!isKnown) await check();
      return columns;
    },
    reading: async (work) => {
      try {
        const rows = await work(namesOf(columns));
        isKnown = true;
        return { rows, columns };
      } catch (error) {
        if (isKnown || !isForbidden(error)) throw error;
        await check();
        return { rows: await work(namesOf(columns)), columns };
      }
    },
    whenDated: async (work) => {
      if (!isDated()) return undefined;
      try {
        return await work();
      } catch (error) {
        if (isKnown || !isForbidden(error)) throw error;
        await check();
        if (isDated()) throw error;
        return undefined;
      }
    },
  };
}

function configured({ directus: { fields } }: Settings): Columns {
  return Object.fromEntries(Object.entries(fields).filter(([, name]) => name !== null));
}

/** One date alone does not tell a version: a row that was never updated has only the other. */
function withDatesOrNone(columns: Columns): Columns {
  const { dateUpdated, dateCreated, ...others } = columns;
  return dateUpdated === undefined || dateCreated === undefined ? others : columns;
}

function namesOf(columns: Columns): readonly string[] {
  return [...new Set(Object.values(columns).filter((name) => name !== undefined))];
}
