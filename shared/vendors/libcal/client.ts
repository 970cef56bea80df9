/**
 * Space bookings of one Springshare LibCal (API 1.1), read only: its scope is `sp_r`. What a booking means, and what becomes of one that is
 * no longer listed, is the connector's to say. The reference is visible to LibCal's customers only; facts come from clients that
 * ran against it and carry how sure they are.
 */
import * as z from 'zod/mini';
import { ConfigurationInvalid, VendorAnswerInvalid } from '../../base/errors.ts';
import { httpClient, type ClientAsk, type Shape } from '../../http/client.ts';
import type { SendDeps, SendOptions } from '../../http/send.ts';
import { sessionToken } from '../../http/session-token.ts';
import { codeIn, isPage, signInRefusal, successOf, system, tokenCall } from './answers.ts';
import { isNotFound, lookUpBookings, notTheApi, type BookingLookUp } from './look-up.ts';
import { isErrorElement, whole, type BookingRules } from './schema.ts';
import { readWindow, type BookingScan } from './window.ts';

export interface LibcalOptions extends Omit<SendOptions, 'system'>, BookingRules {
  /** The library's own host: `https://<site>.libcal.com`, or a domain of its own. */
  readonly baseUrl: string;
  readonly allowHttp?: boolean | undefined;
  /** Both answer (confirmed); that they are equivalent is likely. Default `/api/1.1`. */
  readonly prefix?: '/1.1' | '/api/1.1' | undefined;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Rows per page. Default 500, the maximum (confirmed; it was 100 in 2020). */
  readonly pageSize?: number | undefined;
}

export interface LibcalClient {
  /** Gets a new token: the connection test. Spaces can be read if `sp_r` is among the scopes; empty where LibCal does not say. @throws VendorSignInFailed */
  signIn(): Promise<{ readonly scopes: readonly string[] }>;
  /**
   * All bookings of a location from `date` on (`YYYY-MM-DD`, in the site's own time zone), for `days` more days (0 to 365): cancelled,
   * tentative and denied ones too. Throws where a page fails, so that a partial reading is no reading.
   */
  bookings(window: { readonly lid: number; readonly date: string; readonly days: number }): Promise<BookingScan>;
  /** One answer for each id, in order, each id once. Ids are `bookId`s, or numbers of rows (likely). */
  bookingsById(ids: readonly string[]): Promise<readonly BookingLookUp[]>;
  locations(): Promise<readonly LibcalLocation[]>;
  /** Of the form questions with these numbers (`12505` of `q12505`) those that LibCal knows. */
  questions(numbers: readonly number[]): Promise<readonly LibcalQuestion[]>;
}

export interface LibcalLocation {
  readonly lid: number;
  readonly name: string;
}

export interface LibcalQuestion {
  readonly id: number;
  readonly label: string;
}

const list = z.array(z.unknown());
const locations = z.array(z.object({ lid: whole, name: z.string() }));
const known = z.pipe(list, z.transform((elements) => elements.filter((element) => !isErrorElement(element))));
const questions = z.pipe(known, z.array(z.object({ id: whole, label: z.string() })));
const tokenAnswer = z.object({ access_token: z.string().check(z.minLength(1)), expires_in: z.optional(whole), scope: z.nullish(z.string()) });

/** @throws ConfigurationInvalid */
export function libcalClient(deps: SendDeps, options: LibcalOptions): LibcalClient {
  const { baseUrl, allowHttp, prefix = '/api/1.1', clientId, clientSecret, pageSize = 500, identity, formQuestions = [], ...sending } = options;
  if (clientId.trim() === '' || clientSecret.trim() === '') throw new ConfigurationInvalid(['the client id or secret of libcal is empty']);
  const rules: BookingRules = { identity, formQuestions };
  const answers = formQuestions.length > 0 ? 1 : undefined;
  const http = httpClient(deps, {
    parallelMax: 1, // no limit is published; one call at a time is our own caution (assumed)
    ...sending,
    system,
    baseUrl,
    allowHttp,
    reasonOf: (bodyText) => (isPage(bodyText) ? notTheApi : codeIn(bodyText)),
    classify: signInRefusal,
  });

  const session = sessionToken({
    clock: deps.clock,
    async signIn() {
      const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret }).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      // Safe to repeat: a further token leaves the others good (likely).
      const answer = await http.send({ call: tokenCall, method: 'POST', path: `${prefix}/oauth/token`, headers, body, safe: true });
      const { access_token: value, expires_in: seconds, scope } = successOf(answer, tokenAnswer, tokenCall);
      const scopes = (scope ?? '').split(/\s+/).filter((name) => name !== '');
      return { value, scopes, endsAt: seconds === undefined ? undefined : deps.clock.now() + seconds * 1000 };
    },
  });

  function get<T>(ask: { readonly call: string; readonly path: string; readonly query?: ClientAsk['query'] }, shape: Shape<T>): Promise<T> {
    const { call, path, query } = ask;
    return session.use(async ({ value }) => {
      const answer = await http.send({ call, method: 'GET', path: `${prefix}${path}`, query, headers: { authorization: `Bearer ${value}` } });
      return successOf(answer, shape, call);
    });
  }

  return {
    async signIn() {
      const { scopes } = await session.signIn();
      return { scopes };
    },

    bookings({ lid, date, days }) {
      const call = 'GET /space/bookings';
      // What a flag does not name is hidden, and then looks as if it were gone. A flag that a site does not know is ignored in silence (likely).
      const query = { lid, date, days, limit: pageSize, formAnswers: answers, include_cancel: 1, include_tentative: 1, include_denied: 1 };
      const readPage = async (page: number) => {
        const rows = await get({ call, path: '/space/bookings', query: { ...query, page } }, list);
        if (rows.length > 0 && rows.every(isErrorElement)) throw new VendorAnswerInvalid({ vendor: system, call, status: 200, reason: 'ERROR_INSIDE' });
        return rows;
      };
      return readWindow({ readPage, pageSize, rules });
    },

    bookingsById: (ids) =>
      lookUpBookings(ids, rules, async (joined) => {
        try {
          return await get({ call: 'GET /space/booking/{ids}', path: `/space/booking/${joined}`, query: { formAnswers: answers } }, list);
        } catch (error) {
          if (isNotFound(error)) return 'not found';
          throw error;
        }
      }),

    locations: () => get({ call: 'GET /space/locations', path: '/space/locations' }, locations),

    async questions(numbers) {
      if (numbers.length === 0) return [];
      return get({ call: 'GET /space/question/{ids}', path: `/space/question/${numbers.join(',')}` }, questions);
    },
  };
}
