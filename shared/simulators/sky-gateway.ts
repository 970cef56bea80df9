/**
 * What every SKY call passes before an API sees it: TLS, subscription key, rate, daily quota, access token, the user's rights. The
 * quota's 403 and the rights' 403 differ by Retry-After and by their shape, the two 401 only by their text (confirmed).
 */
import { isOpenHttp, type Call } from './call.ts';
import { forbidden, gatewayAnswer, type SkyApi } from './sky-errors.ts';
import type { OAuthDesk } from './sky-oauth.ts';
import type { SkySettings } from './sky-settings.ts';
import type { SimulatedWorld } from './world.ts';

export interface Gateway {
  /** The answer that ends a call at the door; undefined lets it in. */
  readonly refuse: (call: Call) => Response | undefined;
  readonly callsToday: () => number;
}

const dayMs = 86_400_000;

export function gateway(world: SimulatedWorld, settings: SkySettings, oauth: OAuthDesk): Gateway {
  let second = { startsAt: 0, used: 0 };
  let day = { number: 0, used: 0 };

  const wait = (ms: number): Record<string, string> => {
    const until = new Date(world.clock.now() + ms);
    return { 'retry-after': settings.retryAfter === 'seconds' ? String(Math.ceil(ms / 1000)) : until.toUTCString() };
  };

  function overLimit(): Response | undefined {
    const now = world.clock.now();
    if (now - second.startsAt >= 1000) second = { startsAt: now, used: 0 };
    second.used += 1;
    if (settings.callsPerSecond !== undefined && second.used > settings.callsPerSecond) {
      return gatewayAnswer(429, 'Rate limit is exceeded. Try again in 1 seconds.', wait(1000));
    }
    const number = Math.floor(now / dayMs);
    if (day.number !== number) day = { number, used: 0 };
    if (settings.callsPerDay !== undefined && day.used >= settings.callsPerDay) {
      const leftMs = (number + 1) * dayMs - now;
      const clockFace = new Date(leftMs).toISOString().slice(11, 19);
      return gatewayAnswer(403, `Out of call volume quota. Quota will be replenished in ${clockFace}.`, wait(leftMs));
    }
    day.used += 1;
    return undefined;
  }

  return {
    callsToday: () => (day.number === Math.floor(world.clock.now() / dayMs) ? day.used : 0),
    refuse(call) {
      if (settings.isDown) return new Response('no healthy upstream', { status: 503, headers: { 'content-type': 'text/plain' } });
      if (isOpenHttp(call)) return gatewayAnswer(403, 'HTTPS is required.');
      const api = apiOf(call.path);
      if (api === undefined) return undefined;
      if (!settings.subscriptionKeys.includes(call.headers.get('bb-api-subscription-key') ?? '')) {
        return gatewayAnswer(401, 'Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.');
      }
      const limited = overLimit();
      if (limited) return limited;
      const token = /^Bearer (.+)$/i.exec(call.headers.get('authorization') ?? '')?.[1];
      if (!oauth.isLive(token)) return gatewayAnswer(401, 'Unauthorized. The access token is missing, invalid or expired.');
      return mayDo(api, call.method, settings) ? undefined : forbidden().answer(api);
    },
  };
}

/** Which API an address belongs to; none for the sign-in. */
export function apiOf(path: string): SkyApi | undefined {
  const first = path.split('/')[1];
  return first === 'event' || first === 'constituent' || first === 'webhook' ? first : undefined;
}

function mayDo(api: SkyApi, method: string, { rights }: SkySettings): boolean {
  if (api === 'webhook') return true;
  if (api === 'event') return method === 'GET' ? rights.readEvents : rights.editEvents;
  return method === 'GET' ? rights.readConstituents : rights.editConstituents;
}
