/** One worker at a time renews a token, and what became of a refresh token is remembered. */
import { describe, expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { ConditionFailed, StoreUnavailable } from '../../shared/base/errors.ts';
import type { Table } from '../../shared/base/table.ts';
import type { RenewalHold } from '../../shared/http/renewal-lease.ts';
import { renewalLease } from '../../shared/stores/renewal-leases.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';

const minuteMs = 60_000;

function leases() {
  const clock = manualClock();
  const table = sqliteTable({ path: ':memory:', clock });
  const dead = new Set<string>();
  const lease = (worker: string, over: Table = table) => renewalLease({ table: over, clock, connector: 'a-connector', system: 'sky', worker, isDead: (other) => dead.has(other) });
  return { clock, table, dead, lease };
}

function held(taken: RenewalHold | 'busy' | 'refused'): RenewalHold {
  if (typeof taken === 'string') throw new Error(`it is ${taken}`);
  return taken;
}

describe('who renews', () => {
  test('of two that come at once one gets it', async () => {
    const { lease } = leases();

    const taken = await Promise.all([lease('a').take('token'), lease('b').take('token')]);

    expect(taken.filter((one) => one === 'busy')).toHaveLength(1);
  });

  test('it is free once it was given back, and again for the next one', async () => {
    const { lease } = leases();
    await held(await lease('a').take('token')).end('settled');

    expect(await lease('b').take('token-2')).toMatchObject({ isBegun: false });
  });

  test('nobody gets it for longer than a function lives, but from a worker that is known to be dead at once', async () => {
    const { clock, dead, lease } = leases();
    await lease('a').take('token');

    clock.advance(16 * minuteMs);
    const early = await lease('b').take('token');
    dead.add('a');
    const fromTheDead = await lease('b').take('token');
    dead.clear();
    clock.advance(17 * minuteMs);
    const late = await lease('c').take('token');

    expect(early).toBe('busy');
    expect([fromTheDead, late]).toMatchObject([{ isBegun: true }, { isBegun: true }]);
  });

  test('a worker that lost the answer to giving it back gets it again at once, and not while it holds it', async () => {
    const { table, lease } = leases();
    let isAway = false;
    const mine = lease('a', { ...table, write: async (group) => {
      if (isAway) throw new StoreUnavailable({ store: 'the table', problem: 'away', advice: 'wait' });
      return table.write(group);
    } });
    await mine.take('token');
    const second = await mine.take('token');

    isAway = true;
    const another = lease('a');

    expect(second).toBe('busy');
    expect(await another.take('token')).toMatchObject({ isBegun: true });
  });

  test('whoever was overtaken can say nothing any more', async () => {
    const { clock, lease } = leases();
    const first = held(await lease('a').take('token'));
    clock.advance(17 * minuteMs);
    await lease('b').take('token');

    await expect(first.end('refused')).rejects.toBeInstanceOf(ConditionFailed);

    expect(await lease('c').take('token')).toBe('busy');
  });
});

describe('what is remembered of a refresh token', () => {
  test.each([['unspent', false], ['unknown', true], ['settled', false]] as const)('%s: begun is %s for the next one', async (what, isBegun) => {
    const { lease } = leases();
    await held(await lease('a').take('token')).end(what);

    expect(await lease('b').take('token')).toMatchObject({ isBegun });
  });

  test('what an earlier worker has left open stays open when nothing was sent', async () => {
    const { lease } = leases();
    await held(await lease('a').take('token')).end('unknown');
    await held(await lease('b').take('token')).end('unspent');

    expect(await lease('c').take('token')).toMatchObject({ isBegun: true });
  });

  test('a dead one is never taken again; another one is, and does not make it forgotten', async () => {
    const { lease } = leases();
    await held(await lease('a').take('token')).end('refused');
    const again = await lease('b').take('token');
    await held(await lease('b').take('token-2')).end('settled');

    expect([again, await lease('c').take('token')]).toEqual(['refused', 'refused']);
  });

  test('two writes that come at once do not keep it from being said, and an answer that was lost is no second word', async () => {
    const { table, lease } = leases();
    const mishaps: ('conflict' | 'lost')[] = ['conflict', 'lost'];
    const troubled: Table = { ...table, write: async (group) => {
      const mishap = group.some((write) => write.kind === 'put' && write.row.body['refused'] === 'token') ? mishaps.shift() : undefined;
      if (mishap === 'conflict') throw new ConditionFailed(0);
      const revs = await table.write(group);
      if (mishap === 'lost') throw new StoreUnavailable({ store: 'the table', problem: 'the connection broke', advice: 'wait' });
      return revs;
    } };
    const hold = held(await lease('a', troubled).take('token'));

    await expect(hold.end('refused')).rejects.toBeInstanceOf(StoreUnavailable);
    await hold.end('refused');

    expect(await lease('b').take('token')).toBe('refused');
  });
});
