/** Access tokens that are renewed, or pasted by hand: which one is used, when another one is got, and what a person is asked for. */
import { describe, expect, test } from 'vitest';
import { StoreUnavailable, VendorRejected, VendorSignInFailed, VendorUnavailable } from '../../shared/base/errors.ts';
import type { RenewalLease } from '../../shared/http/renewal-lease.ts';
import { answer, broken } from './stubs.ts';
import { factsIn, given, refusal, tokenWorld, type TokenSetting } from './token-samples.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const unauthorized = (reason?: string) => new VendorSignInFailed({ vendor: 'sky', call: 'GET /things', status: 401, ...(reason !== undefined && { reason }) });

/** Calls that the vendor refuses for these tokens. */
function refusing(used: string[], ...refused: readonly string[]) {
  return async ({ value }: { readonly value: string }): Promise<string> => {
    used.push(value);
    if (refused.includes(value)) throw unauthorized();
    return `answer to ${value}`;
  };
}

describe('renewing', () => {
  test('a token is got once, serves until five minutes before its end, and the next one is asked for with the next refresh token', async () => {
    const { clock, worker, call, used, asked } = tokenWorld({ answers: [given(1), given(2)] });
    const tokens = worker();

    await tokens.use(call);
    clock.advance(55 * minuteMs - 1000);
    await tokens.use(call);
    clock.advance(1000);
    await tokens.use(call);

    expect(used).toEqual(['access-1', 'access-1', 'access-2']);
    expect(asked()).toEqual([{ grant_type: 'refresh_token', refresh_token: 'refresh-0' }, { grant_type: 'refresh_token', refresh_token: 'refresh-1' }]);
  });

  test('what was given stands in the secret before it is used, with what is known of it', async () => {
    const { clock, worker, secrets } = tokenWorld({ answers: [given(1, { refresh_token_expires_in: 3600 * 24 })] });
    const askedAt = clock.now();

    const seen = await worker().use(async ({ value }) => ({ value, stored: secrets.values() }));

    expect(seen).toMatchObject({ value: 'access-1', stored: { ACCESS_TOKEN: 'access-1', REFRESH_TOKEN: 'refresh-1', APP_SECRET: 'the-app-secret' } });
    expect(factsIn(seen.stored)).toMatchObject({ access: { since: askedAt, until: askedAt + 60 * minuteMs }, refresh: { since: askedAt, until: askedAt + dayMs } });
  });

  test('another worker uses what the first one got, and spends nothing', async () => {
    const { worker, call, used, asked } = tokenWorld();

    await worker().use(call);
    await worker().use(call);

    expect([used, asked().length]).toEqual([['access-1', 'access-1'], 1]);
  });

  test('twenty callers at once spend one refresh token', async () => {
    const { worker, call, asked } = tokenWorld();
    const tokens = worker();

    await Promise.all(Array.from({ length: 20 }, () => tokens.use(call)));

    expect(asked()).toHaveLength(1);
  });

  test('a token that is refused before its end is renewed, and the call is made once more', async () => {
    const { worker, used, asked } = tokenWorld({ secret: { ACCESS_TOKEN: 'access-0', REFRESH_TOKEN: 'refresh-0' } });

    expect(await worker().use(refusing(used, 'access-0'))).toBe('answer to access-1');

    expect([used, asked().length]).toEqual([['access-0', 'access-1'], 1]);
  });

  test('two tokens refused in a row are no matter of tokens: no third one is got, and none for the calls that follow', async () => {
    const { worker, used, asked } = tokenWorld({ secret: { ACCESS_TOKEN: 'access-0', REFRESH_TOKEN: 'refresh-0' }, answers: [given(1), given(2)] });
    const tokens = worker();
    const call = refusing(used, 'access-0', 'access-1');

    const ends = await Promise.allSettled([tokens.use(call)]);
    const later = await Promise.allSettled([tokens.use(call), tokens.use(call)]);

    expect([...ends, ...later]).toMatchObject([{ reason: { message: unauthorized().message } }, { reason: { message: unauthorized().message } }, { reason: { message: unauthorized().message } }]);
    expect([used, asked().length]).toEqual([['access-0', 'access-1'], 1]);
  });

  test('a wrong subscription key is refused like a token, and leads to no renewal', async () => {
    const { worker, used, asked } = tokenWorld({ secret: { ACCESS_TOKEN: 'access-0', REFRESH_TOKEN: 'refresh-0' }, options: { refusesToken: ({ reason }) => reason !== 'SUBSCRIPTION_KEY' } });

    const end = worker().use(async ({ value }) => {
      used.push(value);
      throw unauthorized('SUBSCRIPTION_KEY');
    });

    await expect(end).rejects.toMatchObject({ code: 'E_SIGN_IN', reason: 'SUBSCRIPTION_KEY' });
    expect([used, asked()]).toEqual([['access-0'], []]);
  });

  test('another failure of a call is handed on, and the token kept', async () => {
    const { worker, call, used } = tokenWorld();
    const tokens = worker();
    const ill = new VendorUnavailable({ vendor: 'sky', call: 'GET /things', status: 500, sent: true });

    await expect(tokens.use(() => Promise.reject(ill))).rejects.toBe(ill);
    await tokens.use(call);

    expect(used).toEqual(['access-1']);
  });

  test('a token that lives four minutes serves for two, not for none', async () => {
    const { clock, worker, call, asked } = tokenWorld({ answers: [given(1, { expires_in: '240' }), given(2)] });
    const tokens = worker();

    await tokens.use(call);
    clock.advance(2 * minuteMs - 1000);
    await tokens.use(call);
    const before = asked().length;
    clock.advance(1000);
    await tokens.use(call);

    expect([before, asked().length]).toEqual([1, 2]);
  });

  test('a token without an end serves until it is refused', async () => {
    const { clock, worker, used, asked } = tokenWorld({ answers: [given(1, { expires_in: undefined }), given(2)] });
    const tokens = worker();
    const refused: string[] = [];

    await tokens.use(refusing(used));
    clock.advance(30 * dayMs);
    await tokens.use(refusing(used, ...refused));
    const before = asked().length;
    await tokens.use(refusing(used, 'access-1'));

    expect([before, asked().length, used.at(-1)]).toEqual([1, 2, 'access-2']);
  });
});

/** An answer that leaves the refresh token as it is. */
const stays = (n: number) => given(n, { refresh_token: undefined });

describe('a vendor that lets a refresh token be kept', () => {
  const kept: TokenSetting = { options: { exchangeAfterMs: 30 * dayMs, refreshLifeMs: 365 * dayMs } };

  test('is asked to keep it, until a month is over; one of unknown age is exchanged first', async () => {
    const { clock, worker, call, asked, secrets } = tokenWorld({ ...kept, answers: [given(1), stays(2), stays(3), given(4)] });
    const startedAt = clock.now();
    const tokens = worker();

    await tokens.use(call);
    for (const days of [1, 28, 2]) {
      clock.advance(days * dayMs);
      await tokens.use(call);
    }

    expect(asked().map(({ refresh_token: token, preserve_refresh_token: isKept }) => [token, isKept])).toEqual([['refresh-0', undefined], ['refresh-1', 'true'], ['refresh-1', 'true'], ['refresh-1', undefined]]);
    expect(secrets.values()['REFRESH_TOKEN']).toBe('refresh-4');
    expect(factsIn(secrets.values())['refresh']?.since).toBeGreaterThanOrEqual(startedAt + 31 * dayMs);
  });

  test('a kept one keeps its end, and a month before it somebody is warned, once', async () => {
    const notices: string[] = [];
    const { clock, worker, call } = tokenWorld({ options: { exchangeAfterMs: 400 * dayMs, refreshLifeMs: 365 * dayMs }, deps: { notice: (message) => notices.push(message) }, answers: [given(1), stays(2)] });
    const tokens = worker();

    await tokens.use(call);
    clock.advance(334 * dayMs);
    await tokens.use(call);
    const before = notices.length;
    clock.advance(2 * dayMs);
    await tokens.use(call);
    await tokens.look();

    expect(before).toBe(0);
    expect(notices).toEqual(['sky: its refresh token ends in 29 days; then a person has to sign in again: concord connect sky']);
  });
});

describe('by hand, without a refresh token', () => {
  test('a pasted token serves until the vendor refuses it; then a person is asked for the next one, without another call', async () => {
    const { clock, worker, used, asked } = tokenWorld({ secret: { ACCESS_TOKEN: 'pasted-1' } });
    const tokens = worker();

    await tokens.use(refusing(used));
    clock.advance(5 * dayMs);
    const refused = await Promise.allSettled([tokens.use(refusing(used, 'pasted-1'))]);
    const later = await Promise.allSettled([tokens.use(refusing(used, 'pasted-1'))]);

    expect([...refused, ...later]).toMatchObject([{ reason: { code: 'E_SIGN_IN', message: expect.stringContaining('To sign in: concord connect sky') } }, { reason: { code: 'E_SIGN_IN' } }]);
    expect([used, asked()]).toEqual([['pasted-1', 'pasted-1'], []]);
  });

  test('the next pasted one is noticed at once, also by a worker that has just been refused', async () => {
    const { worker, used, secrets } = tokenWorld({ secret: { ACCESS_TOKEN: 'pasted-1' } });
    const tokens = worker();
    await Promise.allSettled([tokens.use(refusing(used, 'pasted-1'))]);

    secrets.edit({ ACCESS_TOKEN: 'pasted-2' });

    expect(await tokens.use(refusing(used, 'pasted-1'))).toBe('answer to pasted-2');
  });

  test('a good token that is replaced by hand is used no longer than a minute', async () => {
    const { clock, worker, used, call, secrets } = tokenWorld({ secret: { ACCESS_TOKEN: 'pasted-1' } });
    const tokens = worker();
    await tokens.use(call);
    secrets.edit({ ACCESS_TOKEN: 'pasted-2' });

    clock.advance(minuteMs);
    await tokens.use(call);
    await worker().use(call);

    expect(used).toEqual(['pasted-1', 'pasted-2', 'pasted-2']);
  });

  test('what was known of a token is not believed of the one that was pasted over it', async () => {
    const { clock, worker, used, call, secrets } = tokenWorld({ answers: [given(1), given(2)] });
    const tokens = worker();
    await tokens.use(call);
    clock.advance(59 * minuteMs);
    secrets.edit({ ACCESS_TOKEN: 'pasted' });

    await tokens.use(call);

    expect(used).toEqual(['access-1', 'pasted']);
  });

  test('without any token, or without the application that could renew it, it is said how to sign in', async () => {
    const none = tokenWorld({ secret: {} });
    const noApp = tokenWorld({ secret: { REFRESH_TOKEN: 'refresh-0', APP_ID: '' } });

    await expect(none.worker().use(none.call)).rejects.toMatchObject({ code: 'E_SIGN_IN', message: expect.stringContaining('there is no token yet') });
    await expect(noApp.worker().use(noApp.call)).rejects.toMatchObject({ code: 'E_SIGN_IN', message: expect.stringContaining('without APP_ID') });
  });
});

describe('what the token endpoint says', () => {
  test('invalid_grant: a person has to sign in, which is told once, and no worker spends that token again', async () => {
    const notices: string[] = [];
    const { worker, call, asked, used } = tokenWorld({ answers: [refusal('invalid_grant'), given(1)], deps: { notice: (message) => notices.push(message) } });

    const ends = [await Promise.allSettled([worker().use(call)]), await Promise.allSettled([worker().use(call)])].flat();

    expect(ends).toMatchObject([{ reason: { code: 'E_SIGN_IN', reason: 'invalid_grant' } }, { reason: { code: 'E_SIGN_IN', reason: 'invalid_grant' } }]);
    expect([asked().length, used]).toEqual([1, []]);
    expect(notices).toEqual([expect.stringContaining('sky: a person has to sign in')]);
  });

  test('after a sign-in it goes on', async () => {
    const { worker, call, secrets, asked } = tokenWorld({ answers: [refusal('invalid_grant'), given(1)] });
    await Promise.allSettled([worker().use(call)]);

    secrets.edit({ REFRESH_TOKEN: 'refresh-9' });

    expect(await worker().use(call)).toBe('answer to access-1');
    expect(asked().at(-1)).toMatchObject({ refresh_token: 'refresh-9' });
  });

  test('invalid_grant for a token that a person has replaced meanwhile is no reason to ask for a sign-in', async () => {
    const { worker, call, secrets, asked } = tokenWorld({ answers: [() => {
      secrets.edit({ REFRESH_TOKEN: 'refresh-9' });
      return refusal('invalid_grant');
    }, given(1)] });

    expect(await worker().use(call)).toBe('answer to access-1');

    expect(asked().map(({ refresh_token: token }) => token)).toEqual(['refresh-0', 'refresh-9']);
  });

  test.each([['invalid_client', 400], ['invalid_client', 401], ['unauthorized_client', 400]])('%s (%i): the application has to be mended, and the refresh token is good as soon as it is', async (code, status) => {
    const { worker, call, asked, secrets } = tokenWorld({ answers: [refusal(code, status), given(1)] });

    await expect(worker().use(call)).rejects.toMatchObject({ code: 'E_SIGN_IN', reason: 'invalid_client', message: expect.stringContaining('signing in again does not help') });
    secrets.edit({ APP_SECRET: 'mended' });
    expect(await worker().use(call)).toBe('answer to access-1');

    expect(asked().map(({ refresh_token: token }) => token)).toEqual(['refresh-0', 'refresh-0']);
  });

  test.each([['refused connections', broken('ECONNREFUSED')], ['broken connections', broken('ECONNRESET')], ['503', answer(503)], ['a page of a proxy', answer(200, {}, '<html>')], ['an answer without a token', answer(200, {}, '{}')], ['a gateway without rights', answer(403, {}, 'forbidden')]])(
    '%s: it could not be reached, and nobody has to sign in', async (_what, step) => {
      const { worker, call, asked, secrets } = tokenWorld({ answers: [step, step, given(1)] });

      // Nothing of the caller's has been sent, whatever became of the renewal.
      await expect(worker().use(call)).rejects.toMatchObject({ code: 'E_UNAVAILABLE', sent: false });
      expect(secrets.values()['REFRESH_TOKEN']).toBe('refresh-0');
      expect(await worker().use(call)).toBe('answer to access-1');

      expect(asked().map(({ refresh_token: token }) => token)).toEqual(['refresh-0', 'refresh-0', 'refresh-0']);
    });

  test('a person who signs in while an answer is missing is not made to wait for it, and the old token is not sent again', async () => {
    const { worker, call, secrets, asked } = tokenWorld({ answers: [() => {
      secrets.edit({ ACCESS_TOKEN: 'by hand', REFRESH_TOKEN: 'refresh-9' });
      throw broken('ECONNRESET');
    }, given(1)] });

    expect(await worker().use(call)).toBe('answer to by hand');

    expect(asked().map(({ refresh_token: token }) => token)).toEqual(['refresh-0']);
  });

  test('429: it is said until when to wait', async () => {
    const { worker, call } = tokenWorld({ answers: [answer(429, { 'retry-after': '30' })] });

    await expect(worker().use(call)).rejects.toMatchObject({ code: 'E_RATE_LIMITED' });
  });

  test('a refusal that is a fault of ours stops the connector by name', async () => {
    const { worker, call } = tokenWorld({ answers: [refusal('unsupported_grant_type')] });

    const error: unknown = await worker().use(call).catch((caught: unknown) => caught);

    expect(error).toMatchObject({ code: 'E_SIGN_IN', reason: 'unsupported_grant_type' });
    expect(error).not.toBeInstanceOf(VendorRejected);
  });

  test('no error tells a token, the application’s secret, or what the endpoint wrote', async () => {
    for (const step of [refusal('invalid_grant'), refusal('invalid_client'), refusal('invalid_scope'), broken('ECONNRESET')]) {
      const { worker, call } = tokenWorld({ answers: [step] });

      const error: unknown = await worker().use(call).catch((caught: unknown) => caught);

      expect(`${String(error)} ${JSON.stringify(error)} ${error instanceof Error ? String(error.cause) : ''}`).not.toMatch(/refresh-0|the-app-secret|not for logs/);
    }
  });
});

/** Three minutes before the end of its first token. */
async function nearItsEnd(setting: TokenSetting) {
  const site = tokenWorld(setting);
  await site.worker().use(site.call);
  site.clock.advance(57 * minuteMs);
  return site;
}

test('a refusal that cannot be written down at first is written down all the same, and the token is not shown to the vendor again', async () => {
  const site = tokenWorld({ answers: [refusal('invalid_grant')] });
  let troubles = 3;
  const real = site.lease('the-first');
  const troubled: RenewalLease = {
    take: async (token) => {
      const taken = await real.take(token);
      return typeof taken === 'string' ? taken : { ...taken, end: async (what) => (what === 'refused' && troubles-- > 0 ? away() : taken.end(what)) };
    },
  };

  const first = await Promise.allSettled([site.worker({ lease: troubled }).use(site.call)]);
  const second = await Promise.allSettled([site.worker().use(site.call)]);

  expect([...first, ...second]).toMatchObject([{ reason: { code: 'E_SIGN_IN' } }, { reason: { code: 'E_SIGN_IN' } }]);
  expect(site.asked()).toHaveLength(1);
});

describe('while the old token still serves', () => {
  test('a renewal that does not work is tried again after a minute, and nobody notices', async () => {
    const { clock, worker, call, used, asked } = await nearItsEnd({ answers: [given(1), answer(503), answer(503), given(2)] });
    const tokens = worker();

    await tokens.use(call);
    await tokens.use(call);
    const before = asked().length;
    clock.advance(minuteMs);
    await tokens.use(call);

    expect([used, before]).toEqual([['access-1', 'access-1', 'access-1', 'access-2'], 3]);
  });

  test('nobody waits for the worker that is renewing it', async () => {
    const site = await nearItsEnd({ answers: [given(1), async () => {
      await site.worker().use(site.call);
      return given(2);
    }] });
    const startedAt = site.clock.now();

    await site.worker().use(site.call);

    expect(site.used).toEqual(['access-1', 'access-1', 'access-2']);
    expect(site.clock.now() - startedAt).toBeLessThan(1000);
  });
});

function away(): never {
  throw new StoreUnavailable({ store: 'the secret', problem: 'throttled', advice: 'wait' });
}

describe('the answer is there, and the secret does not take it', () => {
  test('it is tried again and again, because the old refresh token is dead', async () => {
    const { worker, call, secrets } = tokenWorld();
    secrets.beforeWrite.push(away, away, away, away, away, away);

    expect(await worker().use(call)).toBe('answer to access-1');

    expect(secrets.values()['REFRESH_TOKEN']).toBe('refresh-1');
  });

  test('after a quarter of an hour it is given up, and stored by the same process when it is asked next', async () => {
    const { worker, call, secrets, asked } = tokenWorld();
    const tokens = worker();
    secrets.beforeWrite.push(...Array.from({ length: 200 }, () => away));

    await expect(tokens.use(call)).rejects.toBeInstanceOf(StoreUnavailable);
    secrets.beforeWrite.length = 0;

    expect(await tokens.use(call)).toBe('answer to access-1');
    expect([asked().length, secrets.values()['REFRESH_TOKEN']]).toEqual([1, 'refresh-1']);
  });

  test('a person who has signed in meanwhile wins: nothing is written over it', async () => {
    const { worker, call, secrets } = tokenWorld();
    secrets.beforeWrite.push(() => secrets.edit({ ACCESS_TOKEN: 'by hand', REFRESH_TOKEN: 'refresh-by-hand' }));

    expect(await worker().use(call)).toBe('answer to by hand');

    expect(secrets.values()).toMatchObject({ ACCESS_TOKEN: 'by hand', REFRESH_TOKEN: 'refresh-by-hand' });
  });

  test('a person who has only pasted an access token keeps it, and the refresh token that we have spent is replaced beside it', async () => {
    const { worker, call, secrets } = tokenWorld();
    secrets.beforeWrite.push(() => secrets.edit({ ACCESS_TOKEN: 'by hand' }));

    expect(await worker().use(call)).toBe('answer to by hand');

    expect(secrets.values()).toMatchObject({ ACCESS_TOKEN: 'by hand', REFRESH_TOKEN: 'refresh-1' });
  });
});
