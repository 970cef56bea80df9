/**
 * Workers that share one secret, one table and one vendor: each with the real token keeper, every await of which belongs to the scheduler. Whatever
 * they read, write and send is told to the oracle.
 */
import { ConditionFailed, StoreUnavailable, VendorRateLimited, VendorSignInFailed, VendorUnavailable } from '../../shared/base/errors.ts';
import type { Table } from '../../shared/base/table.ts';
import { callCounter } from '../../shared/http/calls.ts';
import { keptIn, type TokenNames } from '../../shared/http/kept-tokens.ts';
import { tokenEndpoint } from '../../shared/http/oauth-endpoint.ts';
import { oauthTokens, type OAuthTokens } from '../../shared/http/oauth.ts';
import type { Secret, SecretStore } from '../../shared/http/secrets.ts';
import { renewalLease } from '../../shared/stores/renewal-leases.ts';
import type { FaultBox } from './faults.ts';
import type { Process, Scheduler } from './scheduler.ts';
import { steppedTable } from './stepped-table.ts';
import type { Reading, TokenOracle } from './token-oracle.ts';
import type { TokenVendor } from './token-vendor.ts';

export const names: TokenNames = { clientId: 'APP_ID', clientSecret: 'APP_SECRET', accessToken: 'ACCESS_TOKEN', refreshToken: 'REFRESH_TOKEN' };
const secretName = 'a-connector';
const dayMs = 86_400_000;
const giveUpMs = 30_000; // of the client, for one request

export interface HouseParts {
  readonly scheduler: Scheduler;
  readonly box: FaultBox;
  readonly random: () => number;
  readonly vendor: TokenVendor;
  readonly oracle: TokenOracle;
  readonly table: Table;
  readonly connector: string;
  /** The vendor lets refresh tokens be kept. */
  readonly keeps: boolean;
  /** One machine knows which of its workers are dead; the cloud does not. */
  readonly isLocal: boolean;
}

export class TokenHouse {
  secret: Secret = { values: { [names.clientId]: 'the-app', [names.clientSecret]: 'the-app-secret' }, version: 'v0' };
  private readonly parts: HouseParts;
  private count = 0;

  constructor(parts: HouseParts) {
    this.parts = parts;
  }

  get reading(): Reading {
    return readingOf(this.secret);
  }

  /** What a person does by hand, past all ports. */
  edit(values: Readonly<Record<string, string>>): void {
    this.secret = { values: { ...this.secret.values, ...values }, version: `v${++this.count}` };
    this.parts.oracle.stored(this.reading);
  }

  /** A worker that makes some calls, one after the other, and then ends. @returns what it ended with, once it has. */
  start(name: string, options: { readonly startsAfterMs: number; readonly skewMs: number; readonly pausesMs: readonly number[] }): { readonly process: Process; readonly end: () => unknown } {
    const { scheduler, oracle } = this.parts;
    let end: unknown = 'under way';
    const process = scheduler.start(name, options.skewMs, async (mine) => {
      oracle.processes.set(name, mine);
      const clock = scheduler.clockOf(mine);
      await clock.sleep(options.startsAfterMs);
      const { tokens, call } = this.worker(mine);
      for (const pauseMs of options.pausesMs) {
        try {
          await tokens.use(call);
        } catch (error) {
          if (error instanceof VendorSignInFailed) oracle.signInNeeded(name);
          throw error;
        }
        await clock.sleep(pauseMs);
      }
    }, (error) => {
      end = error;
      const isExpected = error === undefined || error instanceof VendorSignInFailed || error instanceof VendorUnavailable || error instanceof VendorRateLimited || error instanceof StoreUnavailable || error instanceof ConditionFailed;
      if (!isExpected) oracle.complain(`${name} ends with ${error instanceof Error ? (error.stack ?? error.message) : 'what is no error'}`);
    });
    return { process, end: () => end };
  }

  private worker(process: Process): { readonly tokens: OAuthTokens; readonly call: Parameters<OAuthTokens['use']>[0] } {
    const { scheduler, oracle, table, connector, keeps, isLocal, box } = this.parts;
    const clock = scheduler.clockOf(process);
    const viaWire = this.wire(process);
    const mine = steppedTable(table, process, { scheduler, box, random: this.parts.random, onEffect: () => {} }, (_by, group) => {
      for (const write of group) {
        const refused = write.kind === 'put' ? write.row.body['refused'] : undefined;
        if (typeof refused === 'string' && refused !== this.lastRefused) oracle.refused(process.name, refused);
        if (typeof refused === 'string') this.lastRefused = refused;
      }
    });
    const isDead = (worker: string): boolean => isLocal && ['killed', 'ended'].includes(oracle.processes.get(worker)?.state ?? 'killed');
    const tokens = oauthTokens(
      {
        clock,
        secrets: this.secretsFor(process),
        lease: renewalLease({ table: mine, clock, connector, system: 'sky', worker: process.name, isDead }),
        endpoint: tokenEndpoint({ fetch: viaWire, clock, calls: callCounter() }, { system: 'sky', tokenUrl: 'https://oauth.example.org/token' }),
      },
      { system: 'sky', secretName, names, howToSignIn: 'concord connect sky', refreshLifeMs: 365 * dayMs, ...(keeps && { exchangeAfterMs: 30 * dayMs }) },
    );
    const call: Parameters<OAuthTokens['use']>[0] = async ({ value }) => {
      oracle.used(process.name, value);
      const facts = { vendor: 'sky', call: 'GET /things' };
      let status: number;
      try {
        ({ status } = await viaWire('https://api.example.org/things', { headers: { authorization: `Bearer ${value}` } }));
      } catch (error) {
        throw new VendorUnavailable({ ...facts, sent: true }, { cause: error });
      }
      if (status === 401) throw new VendorSignInFailed({ ...facts, status });
      if (status !== 200) throw new VendorUnavailable({ ...facts, status, sent: true });
    };
    return { tokens, call };
  }

  private lastRefused: string | undefined;

  private secretsFor(process: Process): SecretStore {
    const { scheduler, box, oracle } = this.parts;
    const step = <T>(what: string, work: () => T): Promise<T> => scheduler.step(process, `table secret ${what}`, async () => {
      if (box.strikes('table-throttled')) throw away();
      return work();
    });
    return {
      read: () => step('read', () => {
        oracle.read(process.name, this.reading);
        return this.secret;
      }),
      write: (_name, values, { ifVersion }) => step('write', () => {
        if (this.secret.version !== ifVersion) throw new ConditionFailed(0);
        const before = this.reading;
        this.secret = { values: { ...this.secret.values, ...values }, version: `v${++this.count}` };
        oracle.written(process.name, before, this.reading);
        if (box.strikes('table-answer-lost')) throw away();
        return this.secret.version;
      }),
    };
  }

  /** What may go wrong between two machines. A request that is slow arrives when it was given up already, and has its effect. */
  private wire(process: Process): (url: string | URL | Request, init?: RequestInit) => Promise<Response> {
    const { scheduler, box, vendor, oracle } = this.parts;
    return (input, init) => {
      const url = input instanceof Request ? input.url : String(input);
      const askedAt = scheduler.now;
      return scheduler.step(process, `sky ${new URL(url).pathname}`, async () => {
        const fault = box.pick(['reset-before-send', 'reset-after-send', 'answer-lost', 'half-body', 'wrong-body', 'http-500', 'http-503', 'http-429-seconds', 'slow-answer']);
        if (fault === 'reset-before-send') throw networkError('ECONNREFUSED');
        if (fault === 'reset-after-send') throw networkError('ECONNRESET');
        if (fault === 'http-429-seconds') return new Response('slow down', { status: 429, headers: { 'retry-after': '7' } });
        if (fault === 'http-500' || fault === 'http-503') return new Response('not now', { status: Number(fault.slice(5)) });
        const arrives = oracle.sends(process.name);
        if (fault === 'slow-answer') await scheduler.worldClock.sleep(giveUpMs + 10_000);
        arrives();
        const { response, presented } = vendor.answer(process.name, url, init);
        if (presented && (fault !== undefined || process.state === 'killed' || scheduler.now - askedAt >= giveUpMs)) presented.isLost = true;
        if (fault === 'answer-lost' || fault === 'slow-answer') throw networkError('ECONNRESET');
        if (fault === 'half-body') return new Response((await response.text()).slice(0, 20), response);
        if (fault === 'wrong-body') return new Response('<!doctype html><html><body>Welcome to the library Wi-Fi</body></html>', { headers: { 'content-type': 'text/html' } });
        return response;
      }, () => networkError('ECONNRESET'));
    };
  }
}

const away = () => new StoreUnavailable({ store: 'the secret', problem: 'the connection broke', advice: 'try again' });

const networkError = (code: string): TypeError => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

function readingOf(secret: Secret): Reading {
  const { access, refresh } = keptIn(secret, names);
  return { access: access?.value, refresh: refresh?.value };
}
