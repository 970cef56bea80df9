import { describe, expect, test } from 'vitest';
import { QuotaExhausted, VendorAnswerInvalid, VendorUnavailable } from '../../shared/base/errors.ts';
import { sender, type Ask } from '../../shared/http/send.ts';
import { answer, broken, hang, ok, world } from './stubs.ts';

const url = 'https://vendor.example/things';
const get: Ask = { call: 'GET /things', method: 'GET', url, headers: {} };
const post: Ask = { call: 'POST /things', method: 'POST', url, headers: {}, body: '{}' };

describe('what is sent again', () => {
  test.each([408, 425, 429, 502, 503, 504])('a reading call that met %i is sent again until it succeeds', async (status) => {
    const deps = world(answer(status), answer(status), ok());
    const send = sender(deps, { system: 'vendor' });

    const { status: last } = await send(get);

    expect(last).toBe(200);
    expect(deps.seen).toHaveLength(3);
  });

  test.each([400, 401, 403, 404, 409, 412, 500, 501, 507])('%i is an answer, not a reason to try again', async (status) => {
    const deps = world(answer(status), ok());
    const send = sender(deps, { system: 'vendor' });

    const { status: last } = await send(get);

    expect(last).toBe(status);
    expect(deps.seen).toHaveLength(1);
  });

  test.each(['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'REPORT', 'SEARCH'])('%s may be repeated', async (method) => {
    const deps = world(broken('ECONNRESET'), answer(200));
    const send = sender(deps, { system: 'vendor' });

    await send({ ...get, method });

    expect(deps.seen.map((seen) => seen.method)).toEqual([method, method]);
  });

  test.each([
    ['PUT', 'If-Match'],
    ['PUT', 'if-none-match'],
    ['DELETE', 'If-Match'],
  ])('%s with %s may be repeated, with the same body', async (method, condition) => {
    const deps = world(answer(503), answer(204));
    const send = sender(deps, { system: 'vendor' });

    await send({ ...get, method, headers: { [condition]: '"1"' }, body: 'BEGIN' });

    expect(deps.seen.map((seen) => seen.body)).toEqual(['BEGIN', 'BEGIN']);
  });

  test.each(['POST', 'PATCH', 'PUT', 'DELETE', 'MKCALENDAR', 'PROPPATCH'])('%s without a condition is never sent twice', async (method) => {
    for (const fault of [answer(503), answer(429, { 'retry-after': '1' }), broken('ECONNRESET'), broken('ECONNREFUSED')]) {
      const deps = world(fault, ok());
      const send = sender(deps, { system: 'vendor' });

      await send({ ...post, method }).catch(() => undefined);

      expect(deps.seen).toHaveLength(1);
    }
  });

  test('what the caller calls safe is repeated, and what the caller calls unsafe is not', async () => {
    const safe = world(answer(503), ok());
    const unsafe = world(answer(503), ok());

    await sender(safe, { system: 'vendor' })({ ...post, safe: true });
    await sender(unsafe, { system: 'vendor' })({ ...get, safe: false });

    expect([safe.seen.length, unsafe.seen.length]).toEqual([2, 1]);
  });

  test('an answer that says that trying again is useless is handed on at once', async () => {
    const deps = world(answer(429, {}, 'too fast'), answer(429, {}, 'quota gone'), ok());
    const send = sender(deps, { system: 'vendor', retry: { unless: ({ body }) => new TextDecoder().decode(body) === 'quota gone' } });

    const { status } = await send(get);

    expect(status).toBe(429);
    expect(deps.seen).toHaveLength(2);
  });

  test('after two retries the last answer is handed on', async () => {
    const deps = world(answer(502), answer(503), answer(504), ok());
    const send = sender(deps, { system: 'vendor' });

    const { status } = await send(get);

    expect(status).toBe(504);
    expect(deps.seen).toHaveLength(3);
  });

  test('a fault of our own making is thrown as it is, at once', async () => {
    const deps = world(() => {
      throw new RangeError('a bug');
    });
    const send = sender(deps, { system: 'vendor' });

    await expect(send(get)).rejects.toThrow(RangeError);

    expect(deps.seen).toHaveLength(1);
  });
});

describe('how long it waits', () => {
  test('the backoff doubles up to its bound, on the given clock', async () => {
    const deps = world(answer(503));
    const send = sender(deps, { system: 'vendor', retry: { limit: 5, backoffMs: 1000, backoffMaxMs: 3000 } });

    await send(get);

    expect(deps.arrivals()).toEqual([0, 1000, 3000, 6000, 9000, 12_000]);
  });

  test.each([
    ['seconds', '7'],
    ['a date', 'Mon, 23 Nov 2026 09:00:07 GMT'],
    ['a date of the second form', 'Monday, 23-Nov-26 09:00:07 GMT'],
    ['a date of the third form', 'Mon Nov 23 09:00:07 2026'],
  ])('Retry-After in %s is waited for', async (_spelling, text) => {
    const deps = world(answer(429, { 'retry-after': text }), ok());
    const send = sender(deps, { system: 'vendor' });

    await send(get);

    expect(deps.arrivals()).toEqual([0, 7000]);
  });

  test('a date is measured against the Date of the same answer, so that a wrong clock of ours does no harm', async () => {
    const date = 'Mon, 23 Nov 2026 15:00:00 GMT';
    const deps = world(answer(503, { 'retry-after': 'Mon, 23 Nov 2026 15:00:04 GMT', date }), ok());
    const send = sender(deps, { system: 'vendor' });

    await send(get);

    expect(deps.arrivals()).toEqual([0, 4000]);
  });

  test.each(['-5', '0', 'soon', '', '1e3', '2026-11-23', 'Mon, 23 Nov 2026 08:00:00 GMT', 'Mon, 99 Nov 2026 09:00:07 GMT'])(
    'Retry-After "%s" says nothing: the own backoff stands in',
    async (text) => {
      const deps = world(answer(429, { 'retry-after': text }), ok());
      const send = sender(deps, { system: 'vendor', retry: { backoffMs: 250 } });

      await send(get);

      expect(deps.arrivals()).toEqual([0, 250]);
    },
  );

  test.each(['21', '99999999999999999999', 'Mon, 23 Nov 2026 10:00:00 GMT'])('Retry-After "%s" is too long to wait for', async (text) => {
    const deps = world(answer(429, { 'retry-after': text }), ok());
    const send = sender(deps, { system: 'vendor' });

    const { status } = await send(get);

    expect(status).toBe(429);
    expect(deps.arrivals()).toEqual([0]);
  });

  test('what the answer before a network fault asked for does not count after it', async () => {
    const deps = world(answer(503, { 'retry-after': '9' }), broken('ECONNRESET'), ok());
    const send = sender(deps, { system: 'vendor', retry: { backoffMs: 100 } });

    await send(get);

    expect(deps.arrivals()).toEqual([0, 9000, 9200]);
  });
});

describe('no usable answer', () => {
  test.each(['ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT', 'CERT_HAS_EXPIRED'])('%s proves that nothing was sent', async (code) => {
    const send = sender(world(broken(code)), { system: 'vendor' });

    await expect(send(post)).rejects.toMatchObject({ code: 'E_UNAVAILABLE', sent: false });
  });

  test.each(['ECONNRESET', 'UND_ERR_SOCKET', 'EPIPE', 'ETIMEDOUT'])('%s leaves open whether the vendor acted', async (code) => {
    const send = sender(world(broken(code)), { system: 'vendor' });

    await expect(send(post)).rejects.toMatchObject({ code: 'E_UNAVAILABLE', sent: true });
  });

  test('several addresses count as not reached only if none was', async () => {
    const refused = Object.assign(new Error(), { code: 'ECONNREFUSED' });
    const reset = Object.assign(new Error(), { code: 'ECONNRESET' });
    const none = new TypeError('fetch failed', { cause: new AggregateError([refused, refused]) });
    const perhaps = new TypeError('fetch failed', { cause: new AggregateError([refused, reset]) });

    await expect(sender(world(none), { system: 'vendor' })(post)).rejects.toMatchObject({ sent: false });
    await expect(sender(world(perhaps), { system: 'vendor' })(post)).rejects.toMatchObject({ sent: true });
  });

  test('a first attempt that may have been heard is not taken back by a second one that was not', async () => {
    const deps = world(broken('ECONNRESET'), broken('ECONNREFUSED'));
    const send = sender(deps, { system: 'vendor' });

    await expect(send(get)).rejects.toMatchObject({ sent: true });
  });

  test('an error names the call by its label only', async () => {
    const send = sender(world(broken('ECONNRESET')), { system: 'vendor' });

    const error = await send({ ...post, url: `${url}/ada@mail.example?token=s3cret` }).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(VendorUnavailable);
    expect(String(error)).not.toMatch(/ada|s3cret|vendor\.example/);
  });

  test('a call that hangs ends at its time limit, and is repeated if that is safe', async () => {
    const reading = world(hang, ok());
    const writing = world(hang, ok());

    const { status } = await sender(reading, { system: 'vendor', timeoutMs: 3000, retry: { backoffMs: 500 } })(get);
    const lost = sender(writing, { system: 'vendor' })({ ...post, timeoutMs: 60_000 });

    expect(status).toBe(200);
    expect(reading.arrivals()).toEqual([0, 3500]);
    await expect(lost).rejects.toMatchObject({ code: 'E_UNAVAILABLE', sent: true });
    expect(writing.clock.now()).toBe(Date.UTC(2026, 10, 23, 9, 1));
  });

  test('the time limit also takes the connection away from what it gave up', async () => {
    const reasons: unknown[] = [];
    const deps = world((request, signal) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      return hang(request, signal);
    });

    await sender(deps, { system: 'vendor', timeoutMs: 3000 })(post).catch(() => undefined);

    expect(reasons.map(String)).toEqual(['TimeLimitReached: no answer within 3000 ms']);
  });

  test('the time limit holds for the body too, and for a fetch that ignores its signal', async () => {
    for (const step of [stalledBody, deaf]) {
      await expect(sender(world(step), { system: 'vendor' })(post)).rejects.toBeInstanceOf(VendorUnavailable);
    }
  });

  test('a body that breaks off is a lost answer', async () => {
    const deps = world(halfSent, ok({ whole: true }));

    const { body } = await sender(deps, { system: 'vendor' })(get);

    expect(new TextDecoder().decode(body)).toBe('{"whole":true}');
  });

  test('a caller who gives up gets the own reason back, and nothing is sent again', async () => {
    const giveUp = new AbortController();
    const deps = world((request, signal) => {
      giveUp.abort(new Error('no longer wanted'));
      return hang(request, signal);
    }, ok());
    const send = sender(deps, { system: 'vendor' });

    await expect(send({ ...get, signal: giveUp.signal })).rejects.toThrow('no longer wanted');

    expect(deps.seen).toHaveLength(1);
  });
});

describe('bounds and counts', () => {
  test('every request that leaves is counted, retries too', async () => {
    const deps = world(answer(503), broken('ECONNRESET'), ok());
    const send = sender(deps, { system: 'vendor' });

    await send(get);
    await send(post);

    expect(deps.calls.totals()).toEqual({ vendor: 4 });
  });

  test('the budget is asked before each attempt, and its refusal ends the call uncounted', async () => {
    const script = world(answer(503));
    let left = 2;
    const take = async () => {
      left -= 1;
      if (left < 0) throw new QuotaExhausted({ vendor: 'vendor', call: 'any call', resetsAt: 99 });
    };
    const deps = { ...script, budget: { take } };

    await expect(sender(deps, { system: 'vendor' })(get)).rejects.toBeInstanceOf(QuotaExhausted);

    expect(deps.calls.totals()).toEqual({ vendor: 2 });
  });

  test('no more calls than allowed are under way at once', async () => {
    let active = 0;
    let most = 0;
    const deps = world(async () => {
      active += 1;
      most = Math.max(most, active);
      await Promise.resolve();
      active -= 1;
      return ok();
    });
    const send = sender(deps, { system: 'vendor', parallelMax: 3 });

    await Promise.all(Array.from({ length: 20 }, () => send(get)));

    expect(most).toBe(3);
    expect(deps.seen).toHaveLength(20);
  });

  test.each([['PUT', 4], ['GET', 8]])('before the first answer, of twenty %ss %i are under way where eight are allowed', async (method, first) => {
    let begun = 0;
    let atFirstAnswer: number | undefined;
    const deps = world(async () => {
      begun += 1;
      for (let n = 0; n < 100; n += 1) await Promise.resolve(); // whoever may begin has begun by then
      atFirstAnswer ??= begun;
      return ok();
    });
    const send = sender(deps, { system: 'vendor', parallelMax: 8 });

    await Promise.all(Array.from({ length: 20 }, () => send({ ...get, method })));

    expect([atFirstAnswer, deps.seen.length]).toEqual([first, 20]);
  });

  test('a body over the bound is refused unread, and its stream is cancelled', async () => {
    let isCancelled = false;
    const endless = () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(400)),
          cancel: () => {
            isCancelled = true;
          },
        }),
      );
    const deps = world(endless);

    await expect(sender(deps, { system: 'vendor', bodyMaxBytes: 1000 })(get)).rejects.toBeInstanceOf(VendorAnswerInvalid);

    expect(isCancelled).toBe(true);
    expect(deps.seen).toHaveLength(1);
  });
});

function stalledBody(): Response {
  return new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
}

function deaf(): Promise<Response> {
  return new Promise(() => {});
}

function halfSent(): Response {
  return new Response(
    new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('{"data":')),
      pull: (controller) => controller.error(new TypeError('terminated')),
    }),
  );
}
