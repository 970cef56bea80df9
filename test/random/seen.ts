/** What two looks at a system tell: what changed in between, and what a thing is called. */
import type { Effect, Seen } from './world.ts';

export function effectsBetween(before: ReadonlyMap<string, Seen>, after: ReadonlyMap<string, Seen>): Pick<Effect, 'id' | 'before' | 'after'>[] {
  const effects: Pick<Effect, 'id' | 'before' | 'after'>[] = [];
  for (const [id, seen] of after) if (before.get(id)?.version !== seen.version) effects.push({ id, before: before.get(id), after: seen });
  for (const [id, seen] of before) if (!after.has(id)) effects.push({ id, before: seen, after: undefined });
  return effects;
}

/** `thing-3 and more` -> `thing-3`. */
export const thingIn = (title: string): string => /^thing-\d+/.exec(title)?.[0] ?? title;
