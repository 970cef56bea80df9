import { describe, expect, test } from 'vitest';
import { connected, constituentRefusal, eventRefusal, gatewayRefusal, jsonOf } from './sky-caller.ts';

const listPath = '/event/v1/eventlist';
const searchPath = '/constituent/v1/constituents/search?search_text=x';

describe('who may call', () => {
  test('a wrong subscription key and an expired token are both 401, told apart by their text', async () => {
    const sky = connected();
    const wrongKey = gatewayRefusal(await sky.ask('GET', listPath, undefined, { 'bb-api-subscription-key': 'wrong' }));
    sky.clock.advance(3_600_000);
    const expired = gatewayRefusal(await sky.get(listPath));

    expect([wrongKey.statusCode, expired.statusCode]).toEqual([401, 401]);
    expect(wrongKey.message).toContain('subscription key');
    expect(expired.message).not.toContain('subscription');
  });

  test('both subscription keys work', async () => {
    const sky = connected();

    for (const key of sky.settings.subscriptionKeys) {
      expect((await sky.ask('GET', listPath, undefined, { 'bb-api-subscription-key': key })).status).toBe(200);
    }
  });

  test("a right that the user lacks is 403 in the API's own shape, without Retry-After", async () => {
    const sky = connected();
    Object.assign(sky.settings.rights, { readConstituents: false, editEvents: false });

    const people = await sky.get(searchPath);
    const write = await sky.ask('POST', '/event/v1/events', { name: 'x', start_date: '2027-01-01' });

    expect(constituentRefusal(people)).toMatchObject({ status: 403, name: 'Forbidden' });
    expect(eventRefusal(write)).toMatchObject({ status: 403, name: 'Forbidden' });
    expect([people.headers.get('retry-after'), write.headers.get('retry-after')]).toEqual([null, null]);
    expect((await sky.get(listPath)).status).toBe(200);
    expect(sky.events.all()).toEqual([]);
  });

  test('plain HTTP is refused, except on this machine', async () => {
    const sky = connected();

    expect((await sky.get('http://sky.test/event/v1/eventlist')).status).toBe(403);
    expect((await sky.get('http://127.0.0.1:9000/event/v1/eventlist')).status).toBe(200);
  });
});

describe('limits', () => {
  test('the eleventh call of a second is 429 with a wait in seconds', async () => {
    const sky = connected({ callsPerSecond: 10 });
    for (let made = 0; made < 10; made += 1) await sky.get(listPath);

    const refused = await sky.get(listPath);
    sky.clock.advance(1000);

    expect(gatewayRefusal(refused)).toMatchObject({ status: 429, statusCode: 429 });
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await sky.get(listPath)).status).toBe(200);
  });

  test('a used up day is 403 with the wait until midnight, for every application of the subscription', async () => {
    const sky = connected({ callsPerDay: 3 });
    for (let made = 0; made < 3; made += 1) await sky.get(listPath);

    const refused = await sky.get(listPath);
    const other = await sky.ask('GET', searchPath, undefined, { authorization: `Bearer ${sky.connect().accessToken}` });

    expect(gatewayRefusal(refused)).toEqual({ status: 403, statusCode: 403, message: 'Out of call volume quota. Quota will be replenished in 15:00:00.' });
    expect(refused.headers.get('retry-after')).toBe(String(15 * 3600));
    expect(other.status).toBe(403);
    expect(sky.callsToday).toBe(3);
  });

  test('at midnight the quota is whole again', async () => {
    const sky = connected({ callsPerDay: 1, accessTokenSeconds: 100_000 });
    await sky.get(listPath);

    sky.clock.advance(15 * 3_600_000);

    expect(sky.callsToday).toBe(0);
    expect((await sky.get(listPath)).status).toBe(200);
  });

  test('the wait may be a date', async () => {
    const sky = connected({ callsPerDay: 0, retryAfter: 'date' });

    expect(Date.parse((await sky.get(listPath)).headers.get('retry-after') ?? '') - sky.clock.now()).toBe(15 * 3_600_000);
  });

  test('signing in does not count', async () => {
    const sky = connected({ callsPerDay: 0 });

    expect((await sky.ask('POST', `${sky.oauthUrl}/token`, 'x')).status).toBe(400);
    expect(sky.callsToday).toBe(0);
  });
});

describe('what is not there', () => {
  test.each(['GET /event/v1/events', 'POST /event/v1/participants', 'GET /constituent/v1/nothing', 'GET /elsewhere'])('%s is 404 from the gateway', async (what) => {
    const [method = '', path = ''] = what.split(' ');
    const sky = connected();

    expect(gatewayRefusal(await sky.ask(method, path, method === 'POST' ? {} : undefined)).status).toBe(404);
  });

  test('an outage is 503 with a plain text', async () => {
    const answer = await connected({ isDown: true }).get(listPath);

    expect([answer.status, answer.text]).toEqual([503, 'no healthy upstream']);
  });
});

describe('bodies', () => {
  test.each(['text/plain', 'application/x-www-form-urlencoded', ''])('the content type "%s" is 415', async (type) => {
    const sky = connected();

    expect((await sky.ask('POST', '/event/v1/events', { name: 'x', start_date: '2027-01-01' }, { 'content-type': type })).status).toBe(415);
  });

  test('a body that is no JSON is 400', async () => {
    expect(eventRefusal(await connected().ask('POST', '/event/v1/events', '{"name":')).status).toBe(400);
  });

  test('the answer to a create is an id and no more; to an edit and a delete it is nothing at all', async () => {
    const sky = connected();

    const created = await sky.ask('POST', '/event/v1/events', { name: 'x', start_date: '2027-01-01' });
    const edited = await sky.ask('PATCH', '/event/v1/events/20001', { name: 'y' });
    const deleted = await sky.ask('DELETE', '/event/v1/events/20001');

    expect([created.status, jsonOf(created)]).toEqual([200, { id: '20001' }]);
    expect([edited.status, edited.text, deleted.status, deleted.text]).toEqual([200, '', 200, '']);
  });

  test('a create whose answer is lost has happened', async () => {
    const sky = connected();
    sky.faults.add({ kind: 'lost-answer', when: { method: 'POST', nth: 1 } });

    await expect(sky.ask('POST', '/event/v1/events', { name: 'x', start_date: '2027-01-01' })).rejects.toThrow('fetch failed');

    expect(sky.events.all()).toHaveLength(1);
  });
});
