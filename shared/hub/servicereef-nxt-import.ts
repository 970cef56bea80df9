/** Takes over the two maps of the mission's older Python service. Loaded when somebody asks for it. */
import { readFileSync } from 'node:fs';
import { ConfigurationInvalid } from '../base/errors.ts';
import { readOlderMap } from '../connectors/servicereef-nxt/older-maps.ts';
import { takeOver } from '../connectors/servicereef-nxt/take-over.ts';
import type { Take } from './connector-factory.ts';
import { missionDeps } from './servicereef-nxt.ts';

export const takeMap: Take = async ({ path, name }, entry, parts) => {
  const map = readOlderMap(textOf(path, name), name); // first: without it nobody is asked
  const { deps, settings } = missionDeps(entry, parts);
  return takeOver(deps, settings, map);
};

/** @throws ConfigurationInvalid */
function textOf(path: string, name: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationInvalid([`${name} cannot be read; check its name and permissions`], { cause: error });
  }
}
