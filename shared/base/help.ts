/**
 * What a person can do about an error, by its stable code: one sentence each, for the command line and for reports. Errors whose
 * message says it already have none.
 */

const advice: { readonly [code: string]: string } = {
  E_CONFIG: 'set what is missing in .env or the environment (.env.example shows all names), then run: concord doctor',
  E_SIGN_IN: 'hand over a token or password that is accepted: concord connect <system>, or in .env; if it was mended on the other side: concord doctor. The work is kept and goes on after sign-in',
  E_UNAVAILABLE: 'the system did not answer; nothing is lost, the next run goes on. To look: concord doctor',
  E_RATE_LIMITED: 'wait, or run less often; the next run goes on where this one stopped',
  E_QUOTA: 'wait until the day is over for that system; the next run goes on where this one stopped',
  E_ANSWER_INVALID: 'look what stands at that address (a proxy or a sign-in page?), then run: concord doctor',
  E_VENDOR_REJECTED: 'check the permissions of the account, then run: concord doctor',
  E_RUNNING: 'nothing to do: it runs again once the other run is over',
  E_PAUSED: 'when it may go on: concord resume <connector>',
  HOME_MISSING: 'NEXTCLOUD_URL has to be the calendar home: https://<host>/remote.php/dav/calendars/<user>/',
  SUBSCRIPTION_KEY: 'NXT_SUBSCRIPTION_KEY has to be one of the two keys of your subscription at Blackbaud; a new token does not help',
  TOO_MANY_WITHDRAWALS: 'look at the plan; a wrong filter or permission looks like this. If it is meant, release it',
  FOREIGN_ITEMS: 'look at each of them in the plan: people made them. If all may go, release the plan; to keep them: concord replay <plan>',
  SIDE_EMPTY: 'check the address, the account and its permissions; if it really is empty, release the plan',
  SIDE_CHANGED: 'check the address and the account; if the move is meant, release the plan',
  MAYBE_MADE: 'look in the target whether the item is there',
  AMBIGUOUS_MATCH: 'make the items differ, or remove the double',
};

/** @param reason  a vendor's own code, which is more exact where it is known. @param problems  of a configuration that is wrong. */
export function adviceFor(code: string, reason?: string, problems?: readonly string[]): string | undefined {
  // A word mistyped on the command line, or in a request, is not mended in .env.
  if (code === 'E_CONFIG' && problems !== undefined && !problems.some((problem) => problem.includes(' is not set'))) return undefined;
  return (reason === undefined ? undefined : advice[reason]) ?? advice[code];
}
