/**
 * Puts tokens that were just given into the secret, over whatever a person does to it meanwhile, and however ill the store is: what is not stored
 * is lost, for the one that it replaces is dead already.
 */
import type { Clock } from '../base/clock.ts';
import { keptIn, valuesOf, type KeptTokens, type TokenNames } from './kept-tokens.ts';
import type { SecretStore } from './secrets.ts';

export type Given = Pick<KeptTokens, 'access' | 'refresh'>;

export interface TokenSaving {
  /**
   * @param change.seen   what was read last; `spent`: what stood there when the tokens were asked for.
   * @param until  epoch ms; so long it is tried.
   * @returns what stands there then, undefined where that is not ours: a person has signed in anew, or an earlier attempt was stored after all.
   * @throws what the store throws, when there is no more time.
   */
  save(change: { readonly seen: KeptTokens; readonly spent: Given; readonly ours: Given }, until: number): Promise<KeptTokens | undefined>;
  /** What the store did not take in time is kept by this process, and tried again before anything else. @throws as `save` */
  saveLeftover(until: number): Promise<void>;
}

const firstWaitMs = 250;
const waitMsMax = 15_000;

export function tokenSaving(deps: { readonly clock: Clock; readonly secrets: SecretStore }, { secretName, names }: { readonly secretName: string; readonly names: TokenNames }): TokenSaving {
  const { clock, secrets } = deps;
  let leftover: { readonly spent: Given; readonly ours: Given } | undefined;

  const save: TokenSaving['save'] = async ({ seen, spent, ours }, until) => {
    let base = seen;
    leftover = { spent, ours };
    for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, waitMsMax)) {
      const draft = toWrite(base, spent, ours);
      if (draft === undefined) {
        leftover = undefined;
        return undefined;
      }
      try {
        const version = await secrets.write(secretName, valuesOf(draft, names), { ifVersion: base.version });
        leftover = undefined;
        return { ...base, ...draft, version };
      } catch (error) {
        // Whatever is wrong with the store may be over soon, also a file that somebody is editing.
        if (clock.now() + waitMs > until) throw error;
      }
      await clock.sleep(waitMs);
      base = await secrets.read(secretName).then((secret) => keptIn(secret, names), () => base);
    }
  };

  return {
    save,
    saveLeftover: async (until) => {
      if (leftover) await save({ seen: keptIn(await secrets.read(secretName), names), ...leftover }, until);
    },
  };
}

/**
 * What to write over `seen`; undefined where nothing of ours is missing there. What a person pasted beside a refresh token that we have spent
 * stays, and only the dead one is replaced.
 */
export function toWrite(seen: Given, spent: Given, ours: Given): Given | undefined {
  if (seen.refresh?.value !== spent.refresh?.value) return undefined;
  const isPasted = seen.access !== undefined && seen.access.value !== spent.access?.value;
  if (!isPasted) return ours;
  return ours.refresh?.value === spent.refresh?.value ? undefined : { refresh: ours.refresh, access: seen.access };
}
