/** Takes over what the library's older Python tool remembers. Loaded when somebody asks for it. */
import { readPythonCache } from '../connectors/libcal-passagepoint/python-cache.ts';
import { takeOver } from '../connectors/libcal-passagepoint/take-over.ts';
import type { Take } from './connector-factory.ts';
import { bookingDeps } from './libcal-passagepoint.ts';

export const takeCache: Take = async ({ path, name }, entry, parts) => {
  const cache = readPythonCache(path, name); // first: without it nobody is asked
  const { deps, settings } = bookingDeps(entry, parts);
  return takeOver(deps, settings, cache);
};
