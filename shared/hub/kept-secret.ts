/**
 * A secret that is not asked for at every call, because every reading costs: a copy counts for five minutes, so that a new password counts
 * soon without a new start. And a store whose readings are told, because what was read may stand in no log.
 */
import type { Clock } from '../base/clock.ts';
import type { Secret, SecretStore } from '../http/secrets.ts';

const keptMs = 5 * 60_000;

export function keptSecrets(parts: { readonly read: (name: string) => Promise<Secret>; readonly clock: Clock }): (name: string) => Promise<Secret> {
  const kept = new Map<string, { readonly at: number; readonly secret: Secret }>();
  return async (name) => {
    const found = kept.get(name);
    if (found && parts.clock.now() - found.at < keptMs) return found.secret;
    const secret = await parts.read(name);
    kept.set(name, { at: parts.clock.now(), secret });
    return secret;
  };
}

export function heardSecrets(store: SecretStore, heard: (secret: Secret) => void): SecretStore {
  return {
    ...store,
    read: async (name) => {
      const secret = await store.read(name);
      heard(secret);
      return secret;
    },
  };
}
