/**
 * The port by which one worker at a time renews a system's token, and by which it is remembered what became of a refresh token. Implemented by the
 * stores, on the table.
 *
 * What is written before a refresh token is spent is the note that somebody may have spent it: whoever finds it later, with the same token still in
 * the secret, knows that an answer was lost, lets a request that is still on its way arrive, tries the token once more, and believes a refusal then.
 */

export interface RenewalLease {
  /**
   * @param token  digest of the refresh token that is about to be spent (kept-tokens.ts).
   * @returns `busy` while another worker has it, `refused` where the vendor has already refused this very token; neither writes anything.
   */
  take(token: string): Promise<RenewalHold | 'busy' | 'refused'>;
}

export interface RenewalHold {
  /** An earlier holder took it for the same token and never said what came of it. */
  readonly isBegun: boolean;
  /** Epoch ms, by the worker's own clock: nobody else takes it before. It outlives a function of the cloud. */
  readonly until: number;
  /**
   * Gives it back. `unspent`: nothing was sent, so the note is again what it was. `unknown`: it may be spent, the note stays. `settled`: what was given is
   * stored. `refused`: the token is dead, and nobody spends it again; this is what a person is woken by, and it is written once.
   *
   * @throws ConditionFailed when somebody else has taken it meanwhile.
   */
  end(what: 'unspent' | 'unknown' | 'settled' | 'refused'): Promise<void>;
}
