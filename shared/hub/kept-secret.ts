/**
 * A secret that is not asked for at every call, because every reading costs: a copy counts for five minutes, so that a new password counts
 * soon without a new start.
 */
import type { Clock } from '../base/clock.ts';
import type { Secret } from '../http/secrets.ts';

const keptMs = 5 * 60_000;

/** @param parts.heard  told of every secret that was read: its values may stand in no log. */
export function keptSecrets(parts: { readonly read: (name: string) => Promise<Secret>; readonly clock: Clock; readonly heard: (secret: Secret) => void }): (name: string) => Promise<Secret> {
  const kept = new Map<string, { readonly at: number; readonly secret: Secret }>();
  return async (name) => {
    const found = kept.get(name);
    if (found && parts.clock.now() - found.at < keptMs) return found.secret;
    const secret = await parts.read(name);
    parts.heard(secret);
    kept.set(name, { at: parts.clock.now(), secret });
    return secret;
  };
}
