/** A sign-in in a browser: what goes out, what of that comes back, and what is stored then. */
import { describe, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { oauthConsent } from '../../shared/http/oauth-consent.ts';
import { tokenEndpoint } from '../../shared/http/oauth-endpoint.ts';
import { consentStates } from '../../shared/stores/consent-states.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { app, factsIn, given, memorySecrets, names, refusal, tokenUrl } from './token-samples.ts';
import { world, type Step } from './stubs.ts';

const redirectUri = 'https://hub.example.org/oauth/sky/callback';
const minuteMs = 60_000;

function aConsent(...answers: readonly Step[]) {
  const scripted = world(...answers);
  const clock = manualClock();
  const secrets = memorySecrets({ ...app, REFRESH_TOKEN: 'refresh-0', SOMETHING_ELSE: 'kept' });
  const table = sqliteTable({ path: ':memory:', clock });
  let count = 0;
  const consent = () => oauthConsent(
    { clock, secrets, endpoint: tokenEndpoint({ ...scripted, clock }, { system: 'sky', tokenUrl }), states: consentStates(table, 'a-connector'), random: () => `state-${++count}` },
    { secretName: 'a-connector', names, client: { id: 'the-app', secret: 'the-app-secret' }, authorizeUrl: 'https://app.example.org/oauth/authorize', redirectUri, refreshLifeMs: 365 * 24 * 60 * minuteMs },
  );
  return { clock, secrets, table, consent, seen: scripted.seen };
}

describe('a sign-in', () => {
  test('exchanges the code and stores both tokens, from whatever process it comes back to', async () => {
    const { clock, consent, secrets, seen } = aConsent(given(1));

    const { url, until } = await consent().begin();
    const end = await consent().finish({ state: new URL(url).searchParams.get('state') ?? '', code: 'the-code' });

    expect(until).toBe(clock.now() + 10 * minuteMs);
    expect(end).toEqual({ kind: 'signed in' });
    expect(Object.fromEntries(new URLSearchParams(String(seen[0]?.body)))).toEqual({ grant_type: 'authorization_code', code: 'the-code', redirect_uri: redirectUri });
    expect(secrets.values()).toMatchObject({ ACCESS_TOKEN: 'access-1', REFRESH_TOKEN: 'refresh-1', SOMETHING_ELSE: 'kept' });
    expect(factsIn(secrets.values())['refresh']).toMatchObject({ since: clock.now(), until: clock.now() + 365 * 24 * 60 * minuteMs });
  });

  test('wins over what a worker stores at the same moment', async () => {
    const { consent, secrets } = aConsent(given(1));
    secrets.beforeWrite.push(() => secrets.edit({ ACCESS_TOKEN: 'of a worker', REFRESH_TOKEN: 'of a worker' }));
    await consent().begin();

    await consent().finish({ state: 'state-1', code: 'the-code' });

    expect(secrets.values()).toMatchObject({ ACCESS_TOKEN: 'access-1', REFRESH_TOKEN: 'refresh-1' });
  });
});

describe('what comes back is not believed', () => {
  test.each([['no state', {}], ['an empty one', { state: '' }], ['one that we did not give out', { state: 'state-2' }], ['one of a thousand letters', { state: 'x'.repeat(1000) }]])('with %s', async (_what, query) => {
    const { consent, seen } = aConsent(given(1));
    await consent().begin();

    expect(await consent().finish({ code: 'the-code', ...query })).toEqual({ kind: 'unknown state' });
    expect(seen).toEqual([]);
  });

  test('a second time, nor when two come at once', async () => {
    const { consent, seen } = aConsent(given(1), given(2));
    await consent().begin();

    const ends = await Promise.all([consent().finish({ state: 'state-1', code: 'a' }), consent().finish({ state: 'state-1', code: 'b' })]);
    const later = await consent().finish({ state: 'state-1', code: 'c' });

    expect(ends.map(({ kind }) => kind).sort()).toEqual(['signed in', 'unknown state']);
    expect(later).toEqual({ kind: 'unknown state' });
    expect(seen).toHaveLength(1);
  });

  test('after ten minutes', async () => {
    const { clock, consent } = aConsent(given(1));
    await consent().begin();

    clock.advance(10 * minuteMs);

    expect(await consent().finish({ state: 'state-1', code: 'the-code' })).toEqual({ kind: 'unknown state' });
  });

  test('what is kept of a state is no state', async () => {
    const { consent, table } = aConsent(given(1));
    await consent().begin();

    const { rows } = await table.query({ table: 'runs', pk: 'a-connector#consent' });

    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain('state-1');
  });
});

describe('the vendor says no', () => {
  test('the word of the vendor is handed on, and no code asked for; the state is used up', async () => {
    const { consent, seen, secrets } = aConsent(given(1));
    await consent().begin();

    expect(await consent().finish({ state: 'state-1', error: 'access_denied' })).toEqual({ kind: 'refused', code: 'access_denied' });
    expect(await consent().finish({ state: 'state-1', code: 'the-code' })).toEqual({ kind: 'unknown state' });

    expect([seen, secrets.values()['REFRESH_TOKEN']]).toEqual([[], 'refresh-0']);
  });

  test('words that are no code are not handed on', async () => {
    const { consent } = aConsent(given(1));
    await consent().begin();

    expect(await consent().finish({ state: 'state-1', error: '<script>' })).toEqual({ kind: 'refused', code: 'no code' });
  });

  test.each(['invalid_grant', 'invalid_client'])('%s leaves the secret as it was', async (code) => {
    const { consent, secrets } = aConsent(refusal(code));
    await consent().begin();

    expect(await consent().finish({ state: 'state-1', code: 'late' })).toEqual({ kind: code });
    expect(secrets.values()['REFRESH_TOKEN']).toBe('refresh-0');
  });
});
