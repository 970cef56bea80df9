/** What is sent. Event writes with an unknown member are refused whole (confirmed), so that bodies are written out by name where they are used. */

/** For creates: without what is missing, null or blank, in objects inside as well. An invented value would stand in the donor file for ever. */
export function filled(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(body).flatMap(([name, value]): [string, unknown][] => {
    const kept: unknown = isPlain(value) ? filled(value) : value;
    const isEmpty = kept === undefined || kept === null || (typeof kept === 'string' && kept.trim() === '') || (isPlain(kept) && Object.keys(kept).length === 0);
    return isEmpty ? [] : [[name, kept]];
  });
  return Object.fromEntries(entries);
}

/** For changes: what is absent is left alone; null is sent, and clears (assumed). @returns undefined where nothing is left to change. */
export function changed(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | undefined {
  const entries = Object.entries(body).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

const isPlain = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
