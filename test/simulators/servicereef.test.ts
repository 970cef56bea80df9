import { describe, expect, test } from 'vitest';
import { opened, refusal, wireToken } from './servicereef-reader.ts';

describe('token', () => {
  test('app id and key, sent as a form, bring a bearer token that tells its lifetime', async () => {
    const answer = await opened().signIn();

    expect(answer.status).toBe(200);
    expect(wireToken.parse(await answer.json())).toMatchObject({ token_type: 'bearer', expires_in: 3600 });
  });

  test.each([
    { what: 'a wrong key', form: { client_secret: 'wrong' }, error: 'invalid_client' },
    { what: 'a wrong app', form: { client_id: 'wrong' }, error: 'invalid_client' },
    { what: 'another grant', form: { grant_type: 'password' }, error: 'unsupported_grant_type' },
  ])('$what is 400 $error', async ({ form, error }) => {
    const answer = await opened().signIn(form);

    expect([answer.status, await answer.json()]).toEqual([400, { error }]);
  });

  test('a token request that is not a form is refused', async () => {
    expect((await opened().signIn({}, { 'content-type': 'application/json' })).status).toBe(400);
  });

  test('no token, an expired one and a revoked one are 401 with an ErrorResult', async () => {
    const reef = opened({ tokenSeconds: 100 });
    const before = await reef.get('/v1/events');
    const without = await reef.get('/v1/events', { authorization: '' });
    reef.clock.advance(100_000);
    const expired = await reef.get('/v1/events');
    const fresh = await reef.newToken();
    reef.revokeTokens();
    const revoked = await reef.get('/v1/events', { authorization: `Bearer ${fresh}` });

    expect([before.status, without.status, expired.status, revoked.status]).toEqual([200, 401, 401, 401]);
    expect((await refusal(expired)).Message).not.toBe('');
  });

  test('a deleted key ends tokens and their renewal', async () => {
    const reef = opened();
    await reef.get('/v1/events');

    reef.settings.isKeyRevoked = true;

    expect((await reef.get('/v1/events')).status).toBe(401);
    expect(await (await reef.signIn()).json()).toEqual({ error: 'invalid_client' });
  });

  test('a token may come without its lifetime', async () => {
    expect(await (await opened({ tellsTokenLifetime: false }).signIn()).json()).not.toHaveProperty('expires_in');
  });
});

describe('the door', () => {
  test('plain HTTP is 403, except on this machine', async () => {
    const reef = opened();
    const asked = async (origin: string) => (await reef.fetch(`${origin}/v1/events`, { headers: { authorization: `Bearer ${await reef.newToken()}` } })).status;

    expect([await asked('http://servicereef.test'), await asked('http://127.0.0.1:8080')]).toEqual([403, 200]);
  });

  test('the case of a path does not matter', async () => {
    const reef = opened();
    const { eventId } = reef.events.add();

    expect((await reef.get(`/V1/Events/${eventId}/Participants`)).status).toBe(200);
  });

  test('an unknown address is 404 with an ErrorResult', async () => {
    const reef = opened();

    expect((await refusal(await reef.get('/v1/nothing'))).status).toBe(404);
  });

  test('too many calls in one second are 429, and the next second is free again', async () => {
    const reef = opened({ callsPerSecond: 2 });
    await reef.get('/v1/events'); // with the token's: two
    const refused = await reef.get('/v1/events');
    reef.clock.advance(1000);

    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7']);
    expect((await reef.get('/v1/events')).status).toBe(200);
  });

  test('down is 503, with a wait as a date where set so, and without any', async () => {
    const reef = opened({ isDown: true, retryAfter: 'date' });
    const dated = await reef.signIn();
    reef.settings.retryAfter = 'absent';
    const silent = await reef.signIn();

    expect(dated.status).toBe(503);
    expect(Date.parse(dated.headers.get('retry-after') ?? '') - reef.clock.now()).toBe(7000);
    expect(silent.headers.get('retry-after')).toBeNull();
  });
});
