/**
 * Blackbaud's SKY API in front of one tenant of Raiser's Edge NXT: sign-in, Event API, Constituent API and webhooks, as far as a
 * connector can see them. Faithful (confirmed, vendor specification): names, limits, the four shapes of errors, empty answers to PATCH
 * and DELETE, ids as texts, fuzzy dates, pages. What is likely or assumed stands in the settings (sky-settings.ts).
 * Left out: gifts, fee payments, event custom fields, seating, relationships, notes, contacts of organisations.
 */
import type { Call } from './call.ts';
import { constituentRoutes } from './sky-constituents.ts';
import { gatewayAnswer, SkyRefusal } from './sky-errors.ts';
import { eventRoutes } from './sky-events.ts';
import { extras, type OptionValue } from './sky-extras.ts';
import { apiOf, gateway } from './sky-gateway.ts';
import { clientId, environmentId, oauthDesk, type SkyTokens } from './sky-oauth.ts';
import { participantRoutes } from './sky-participants.ts';
import { partRoutes } from './sky-parts.ts';
import { skyState } from './sky-records.ts';
import { searchRoutes } from './sky-search.ts';
import { skyDefaults, type SkySettings } from './sky-settings.ts';
import { nxtStaff, type NxtStaff } from './sky-staff.ts';
import { skyWebhooks, type SkyWebhooks } from './sky-webhooks.ts';
import { simulator, type Handler, type Simulator } from './simulator.ts';
import type { SimulatedWorld } from './world.ts';

export interface SimulatedSky extends Pick<Simulator, 'fetch' | 'journal' | 'faults'>, NxtStaff {
  /** Origin of the APIs, without a slash at its end. Any other origin is answered too. */
  readonly url: string;
  /** Origin of the token endpoint (`/token`) and of the older authorize page (`/authorization`). */
  readonly oauthUrl: string;
  /** The current authorize page, on a host of its own. */
  readonly authorizeUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly subscriptionKey: string;
  readonly environmentId: string;
  /** May be changed at any time. */
  readonly settings: SkySettings;
  readonly webhooks: SkyWebhooks;
  /** Calls that counted against the quota since midnight UTC. */
  readonly callsToday: number;
  /** What participants have answered to options. */
  optionValues(): readonly OptionValue[];
  /** Tokens as after a consent. */
  connect(): SkyTokens;
  /** The tenant's admin disconnects the application: tokens are dead, webhook subscriptions deleted. */
  disconnect(): void;
}

export function simulateSky(world: SimulatedWorld, options: Partial<SkySettings> = {}): SimulatedSky {
  const settings: SkySettings = { ...skyDefaults(), ...options };
  const [clientSecret = ''] = settings.clientSecrets;
  const [subscriptionKey = ''] = settings.subscriptionKeys;
  const state = skyState(world, settings);
  const oauth = oauthDesk(world, settings);
  const door = gateway(world, settings, oauth);
  const webhooks = skyWebhooks(state);
  const more = extras(state);
  const sky = simulator('sky', world, { before: door.refuse, unknownRoute: () => gatewayAnswer(404, 'Resource not found') });
  const on = (method: string, pattern: string, handler: Handler) => sky.on(method, pattern, refusalsAnswered(handler));

  sky.on('GET', '/oauth/authorize', oauth.authorize);
  sky.on('GET', '/authorization', oauth.authorize);
  sky.on('POST', '/token', oauth.token);
  searchRoutes(on, state); // before the ids: `search` is none
  partRoutes(on, state);
  constituentRoutes(on, state);
  eventRoutes(on, state);
  participantRoutes(on, state, more.feesOf);
  more.routes(on);
  webhooks.routes(on);

  const { fetch, journal, faults } = sky;
  return {
    ...nxtStaff(state),
    url: 'https://sky.test',
    oauthUrl: 'https://oauth2.sky.test',
    authorizeUrl: 'https://app.sky.test/oauth/authorize',
    clientId,
    clientSecret,
    subscriptionKey,
    environmentId,
    settings,
    webhooks: webhooks.hands,
    get callsToday() {
      return door.callsToday();
    },
    optionValues: more.optionValues,
    connect: oauth.connect,
    disconnect() {
      oauth.disconnect();
      webhooks.forget();
    },
    fetch,
    journal,
    faults,
  };
}

function refusalsAnswered(handler: Handler): Handler {
  return (call: Call) => {
    try {
      return handler(call);
    } catch (error) {
      if (error instanceof SkyRefusal) return error.answer(apiOf(call.path) ?? 'event');
      throw error;
    }
  };
}
