/**
 * LibCal, as far as the hub can see it: one site's API 1.1 with tokens, space bookings and what can be booked.
 * Faithful (confirmed where not marked in place): tokens of an hour, filters and paging of bookings, one `bookId` on several rows,
 * offsets on both sides of a clock change, and failures that are no JSON. What differs by site or year: libcal-settings.ts.
 * Left out: reserving and cancelling (the hub has no right to), events, registrations, appointments, hours. No public limit exists.
 */
import type { Call } from './call.ts';
import { libcalBookings, type LibCalBookingsByHand } from './libcal-bookings.ts';
import { bookingsByIds, LibCalRefusal, listedBookings } from './libcal-listing.ts';
import { categoriesAnswer, categoryAnswer, itemAnswer, itemsAnswer, locationsAnswer, questionAnswer } from './libcal-places.ts';
import { libcalOfToday, type LibCalSettings } from './libcal-settings.ts';
import { libcalTokens, type LibCalTokens } from './libcal-tokens.ts';
import { htmlPage, textPage } from './pages.ts';
import { json, simulator, type Handler, type Simulator } from './simulator.ts';
import type { SimulatedWorld } from './world.ts';

export interface SimulatedLibCal extends Pick<Simulator, 'fetch' | 'journal' | 'faults'> {
  /** Origin, without a slash at its end and without the API's prefix. Any other origin is answered too. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** May be changed at any time. */
  readonly settings: LibCalSettings;
  readonly bookings: LibCalBookingsByHand;
  /** Every token is 401 from now on; a new one can be had. */
  revokeTokens(): void;
}

const application = { clientId: '847', clientSecret: 'simulated-libcal-secret' };

export function simulateLibCal(world: SimulatedWorld, options: Partial<LibCalSettings> = {}): SimulatedLibCal {
  const settings: LibCalSettings = { ...libcalOfToday(), ...options };
  const bookings = libcalBookings(world, settings);
  const tokens = libcalTokens(world, settings, application);
  const libcal = simulator('libcal', world, { before: refusedEarly(tokens, settings), unknownRoute: notFound });
  const on = (method: string, path: string, handler: Handler) => {
    for (const prefix of ['/1.1', '/api/1.1']) libcal.on(method, prefix + path, refusalsAnswered(handler, settings));
  };

  on('POST', '/oauth/token', (call) => tokens.issue(call));
  on('GET', '/space/bookings', ({ url }) => listedBookings(bookings.all(), url.searchParams, settings, world.clock.now()));
  on('GET', '/space/booking/:ids', (call) => {
    const found = bookingsByIds(bookings.all(), idsIn(call), call.url.searchParams, settings);
    return found ?? json(404, { error: 'booking not found' });
  });
  on('GET', '/space/locations', ({ url }) => locationsAnswer(settings.locations, url.searchParams));
  on('GET', '/space/categories/:ids', (call) => categoriesAnswer(settings.locations, idsIn(call)));
  on('GET', '/space/category/:ids', (call) => categoryAnswer(settings.locations, idsIn(call), call.url.searchParams));
  on('GET', '/space/items/:lid', ({ params, url }) => itemsAnswer(settings.locations, params['lid'] ?? '', url.searchParams));
  on('GET', '/space/item/:ids', (call) => itemAnswer(settings.locations, idsIn(call)));
  on('GET', '/space/question/:ids', (call) => questionAnswer(settings.questions, idsIn(call)));

  const { fetch, journal, faults } = libcal;
  return { url: 'https://libcal.test', ...application, settings, bookings, revokeTokens: () => tokens.revokeAll(), fetch, journal, faults };
}

function refusedEarly(tokens: LibCalTokens, settings: LibCalSettings): (call: Call) => Response | undefined {
  return (call) => {
    if (call.url.href.length > settings.urlMax) return htmlPage(414, 'Request-URI Too Long');
    const prefix = /^(?:\/api)?\/1\.1(?=\/)/.exec(call.path)?.[0];
    if (!settings.prefixes.some((known) => known === prefix)) return notFound();
    if (call.path.endsWith('/oauth/token')) return undefined;
    if (settings.trouble) return inTrouble(settings.trouble);
    const scopes = tokens.scopesOf(call);
    if (!scopes) return textPage(401, 'Unauthorized', 'Unauthorized');
    return scopes.includes('sp_r') ? undefined : json(settings.scopeMissingStatus, { error: 'insufficient_scope' });
  };
}

function inTrouble({ status, as }: NonNullable<LibCalSettings['trouble']>): Response {
  if (as === 'html') return htmlPage(status, 'Something went wrong');
  if (as === 'text') return textPage(status, 'No result for this request.');
  return json(status, as === 'error' ? { error: 'something went wrong' } : { errors: ['something went wrong'] });
}

function notFound(): Response {
  return htmlPage(404, 'Page not found');
}

function idsIn(call: Call): readonly string[] {
  return (call.params['ids'] ?? '').split(',').map((id) => id.trim());
}

function refusalsAnswered(handler: Handler, settings: LibCalSettings): Handler {
  return (call) => {
    try {
      return handler(call);
    } catch (error) {
      if (error instanceof LibCalRefusal) return json(settings.logicalErrorStatus, { error: error.message });
      throw error;
    }
  };
}
