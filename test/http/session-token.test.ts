/** A token that is got with fixed credentials: when it is got, by whom, and what a refusal leads to. */
import { describe, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { VendorSignInFailed, VendorUnavailable } from '../../shared/base/errors.ts';
import { sessionToken, type IssuedToken } from '../../shared/http/session-token.ts';

const answered = async () => 'answer';
const refused = () => new VendorSignInFailed({ vendor: 'vendor', call: 'GET /things', status: 401 });
const minutes = 60_000;

/** A system that gives out token-1, token-2, ..., and takes those that it is told to take. */
function system({ lifeMs, takes = () => true }: { readonly lifeMs?: number; readonly takes?: (token: string) => boolean } = {}) {
  const clock = manualClock();
  let issued = 0;
  const used: string[] = [];
  const session = sessionToken<IssuedToken>({
    clock,
    signIn: async () => {
      await Promise.resolve();
      issued += 1;
      return { value: `token-${issued}`, endsAt: lifeMs === undefined ? undefined : clock.now() + lifeMs };
    },
  });
  const call = ({ value }: IssuedToken) => {
    used.push(value);
    return takes(value) ? Promise.resolve(`answer to ${value}`) : Promise.reject(refused());
  };
  return { clock, session, call, used, issued: () => issued };
}

describe('keeping', () => {
  test.each([
    ['of an hour', 60, 55],
    ['without an end', undefined, 55],
    ['with an end in the past', -8 * 60, 55],
    ['with an end now', 0, 55],
    ['of four minutes', 4, 2],
  ])('a token %s (%s minutes) serves all calls for %s minutes', async (_life, lives, serves) => {
    const { clock, session, call, used } = system(lives === undefined ? {} : { lifeMs: lives * minutes });

    await session.use(call);
    clock.advance(serves * minutes - 1);
    await session.use(call);
    clock.advance(1);
    await session.use(call);

    expect(used).toEqual(['token-1', 'token-1', 'token-2']);
  });

  test('callers that come together sign in once', async () => {
    const { session, call, issued } = system();

    await Promise.all(Array.from({ length: 20 }, () => session.use(call)));

    expect(issued()).toBe(1);
  });

  test('asked to sign in, it does, and the calls after it use the new token', async () => {
    const { session, call, used } = system();

    await session.use(call);
    const { value } = await session.signIn();
    await session.use(call);

    expect(value).toBe('token-2');
    expect(used).toEqual(['token-1', 'token-2']);
  });
});

describe('a token that is no longer taken', () => {
  test('is renewed once, and the repeated call is the one whose answer counts', async () => {
    const { session, call, used } = system({ takes: (token) => token !== 'token-1' });

    expect(await session.use(call)).toBe('answer to token-2');

    expect(used).toEqual(['token-1', 'token-2']);
  });

  test('is renewed once for all callers that it was refused to', async () => {
    const { session, call, issued } = system({ takes: (token) => token !== 'token-1' });

    const answers = await Promise.all(Array.from({ length: 20 }, () => session.use(call)));

    expect(new Set(answers)).toEqual(new Set(['answer to token-2']));
    expect(issued()).toBe(2);
  });

  test('a caller that hears of the refusal late takes the token that another one got meanwhile', async () => {
    const { session, call, issued } = system({ takes: (token) => token !== 'token-1' });
    const slow = Promise.withResolvers<string>();
    let isFirst = true;
    const late = session.use((token) => {
      if (!isFirst) return call(token);
      isFirst = false;
      return slow.promise;
    });
    expect(await session.use(call)).toBe('answer to token-2');

    slow.reject(refused());

    expect(await late).toBe('answer to token-2');
    expect(issued()).toBe(2);
  });

  test('a fresh token that is refused too ends it: two calls, two tokens, and the error of the sign-in', async () => {
    const { session, call, used, issued } = system({ takes: () => false });

    await expect(session.use(call)).rejects.toBeInstanceOf(VendorSignInFailed);

    expect(used).toEqual(['token-1', 'token-2']);
    expect(issued()).toBe(2);
  });

  test('another failure is handed on as it is, and the token is kept', async () => {
    const { session, call, used } = system();
    const ill = new VendorUnavailable({ vendor: 'vendor', call: 'GET /things', status: 500, sent: true });

    await expect(session.use(() => Promise.reject(ill))).rejects.toBe(ill);
    await session.use(call);

    expect(used).toEqual(['token-1']);
  });
});

test('credentials that are not accepted are told to every caller after one attempt, and tried again by the next one', async () => {
  let attempts = 0;
  const session = sessionToken({
    clock: manualClock(),
    signIn: async (): Promise<IssuedToken> => {
      attempts += 1;
      throw refused();
    },
  });

  const together = await Promise.allSettled([session.use(answered), session.use(answered)]);
  const later = await Promise.allSettled([session.use(answered)]);

  expect([...together, ...later].map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(attempts).toBe(2);
});
