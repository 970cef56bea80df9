/**
 * Patrons as a side: whoever has a booking that opens a door, with the card that Alma knows. LibCal says who comes at no extra call; Alma is asked
 * once for a patron, and again after a day, when the name in LibCal changes, or after an hour where there was no card. The version of
 * an item tells when Alma was asked and whether the patron may come in, so that nothing else has to be remembered.
 */
import pLimit from 'p-limit';
import type { Clock } from '../../base/clock.ts';
import { ConcordError, QuotaExhausted, VendorAnswerInvalid, VendorRateLimited, VendorRejected, VendorUnavailable } from '../../base/errors.ts';
import type { Looked, Side, Sighting, Want } from '../../engine/side.ts';
import type { ItemId } from '../../sync/item.ts';
import type { ReadingEnd } from '../../sync/scan.ts';
import type { AlmaClient } from '../../vendors/alma/client.ts';
import type { AlmaUser } from '../../vendors/alma/schema.ts';
import { readOnly } from '../manners.ts';
import { about } from './about.ts';
import { cardOf, categoryOf, isInForce } from './map.ts';
import { readingAgeMs, type Patron, type Readings } from './reading.ts';
import type { Settings, WithoutCard } from './settings.ts';
import { dateIn } from './window.ts';

export interface PeopleDeps {
  readonly alma: Pick<AlmaClient, 'user'>;
  /** Calls of the day that Alma said are left; undefined before its first answer. */
  readonly almaRemaining: () => number | undefined;
  readonly clock: Clock;
  readonly digest: (text: string) => string;
}

/** Whether a patron may come in: `card`, `none` (with a reason on the visitor's link), or not known in this process. */
export type Admission = (patron: string) => 'card' | 'none' | undefined;

const lookUpsAtOnce = 50;
const answerSeconds = 0.5; // a slow answer of Alma: so many look-ups have to be under way to keep the rate

export const lookUpsUnderWay = ({ alma: { perSecond } }: Pick<Settings, 'alma'>): number => Math.max(4, Math.ceil(perSecond * answerSeconds));

export function peopleSource(deps: PeopleDeps, readings: Readings, settings: Settings): { readonly side: Side; readonly admission: Admission } {
  const { clock } = deps;
  // Here too, and not only in the client: what an answer says of the calls that are left has to be heard before the next one.
  const inLine = pLimit(lookUpsUnderWay(settings));
  const admitted = new Map<string, Asked>();
  let known: ReadonlyMap<ItemId, string> = new Map();

  const spellingOf = ({ primaryId, firstName, lastName, email }: Patron): string => deps.digest(JSON.stringify([primaryId, firstName, lastName, email, settings.accounts, settings.categories]));

  function isFresh(asked: Asked, patron: Patron): boolean {
    const ageMs = clock.now() - asked.at;
    return asked.spelling === spellingOf(patron) && ageMs < (asked.admission === 'card' ? about.freshMs : about.retryMs);
  }

  async function* read(want: Want): AsyncGenerator<readonly Sighting[], ReadingEnd> {
    const { patrons } = await readings.take();
    known = want.known ?? new Map();
    admitted.clear();
    yield [...patrons.values()].sort((a, b) => a.from - b.from).map((patron): Sighting => {
      const version = known.get(patron.key);
      const asked = askedIn(version);
      if (asked !== undefined) admitted.set(patron.key, asked);
      return { kind: 'listed', id: patron.key, version: asked && isFresh(asked, patron) ? version : undefined };
    });
    // Somebody without a booking is no longer named, and nothing follows from that.
    return { kind: 'delta', lastPageSeen: true, authoritative: false };
  }

  async function looked(patron: Patron): Promise<Looked> {
    try {
      return await judged(patron);
    } catch (error) {
      if (!isPassing(error)) throw error;
      // Whoever has a card keeps it until Alma answers again; somebody new is told, and looked up in the next run.
      if (askedIn(known.get(patron.key))?.admission === 'card') return { kind: 'other', id: patron.key };
      return { kind: 'rejected', rejected: { id: patron.key, code: error.code, message: 'Alma gave no answer about this account; it is asked again in the next run', keepUntil: patron.until } };
    }
  }

  async function judged(patron: Patron): Promise<Looked> {
    if (patron.firstName === '' || patron.lastName === '') return barred(patron, 'worklist', { code: 'E_NAME_MISSING', message: 'the booking has no full name; PassagePoint wants one' });
    if (patron.primaryId === undefined) return admit(patron, `guest ${patron.email.toLowerCase()}`, settings.categories.usual);
    refuseLastCalls(deps, settings);
    const answer = await deps.alma.user(patron.primaryId);
    if (answer.kind === 'unknown') return withoutCard(patron, settings.accounts.unknown, { code: 'E_ACCOUNT_UNKNOWN', message: 'no institution of Alma knows the id in the booking; correct it there' });
    return ofUser(patron, answer.user);
  }

  function ofUser(patron: Patron, user: AlmaUser): Looked {
    const inForce = isInForce(user, dateIn(patron.timeZone, clock.now()));
    if (!inForce && settings.accounts.inactive === 'reject') return barred(patron, 'skip', { code: 'E_ACCOUNT_INACTIVE', message: 'the account in Alma is not active' });
    const card = cardOf(user, settings.alma.segment);
    if (card === undefined) return withoutCard(patron, settings.accounts.withoutBarcode, { code: 'E_NO_CARD', message: 'the account in Alma has no active barcode' });
    const isGuest = !inForce && settings.accounts.inactive === 'guest';
    return present(patron, card, isGuest ? settings.categories.usual : categoryOf(user.group, settings.categories));
  }

  const withoutCard = (patron: Patron, rule: WithoutCard, problem: Problem): Looked =>
    (rule === 'register' ? admit(patron, `account ${patron.primaryId?.toLowerCase()}`, settings.categories.usual) : barred(patron, rule, problem));

  /** With an id that we make: nobody else has it, and the same person gets the same one again. */
  const admit = (patron: Patron, name: string, category: string): Looked => present(patron, `LC-${deps.digest(name).slice(0, 16)}`, category);

  function present(patron: Patron, uniqueId: string, category: string): Looked {
    const { firstName, lastName, email } = patron;
    const entity = { uniqueId, firstName, lastName, email: email === '' ? null : email, category };
    return { kind: 'present', item: { id: patron.key, version: noted(patron, 'card'), entity, belongs: true, keepUntil: patron.until + about.visitorKeptMs, neededBy: patron.from } };
  }

  function barred(patron: Patron, rule: 'skip' | 'worklist', { code, message }: Problem): Looked {
    const had = askedIn(known.get(patron.key))?.admission === 'card';
    const version = noted(patron, 'none');
    // A visitor that stands there cannot be taken away, and need not be: without pre-registrations nobody is let in.
    if (rule === 'worklist' || had) return { kind: 'rejected', rejected: { id: patron.key, version, code, message, keepUntil: patron.until } };
    return { kind: 'present', item: { id: patron.key, version, entity: {}, belongs: { absentBecause: message }, keepUntil: patron.until } };
  }

  function noted(patron: Patron, admission: Asked['admission']): string {
    const asked: Asked = { spelling: spellingOf(patron), at: clock.now(), admission };
    admitted.set(patron.key, asked);
    return `${asked.admission} ${asked.at} ${asked.spelling}`;
  }

  return {
    admission: (patron) => admitted.get(patron)?.admission,
    side: {
      ...readOnly, system: 'alma', reads: 'scan', recalls: true, secondLook: 'second-scan', batchMax: lookUpsAtOnce,
      identity: () => 'patrons',
      read,
      async lookUp(ids) {
        const { patrons } = await readings.latest(readingAgeMs);
        return Promise.all(ids.map((id) => inLine(async (): Promise<Looked> => {
          const patron = patrons.get(id);
          return patron === undefined ? { kind: 'other', id } : looked(patron);
        })));
      },
    },
  };
}

interface Problem {
  readonly code: string;
  readonly message: string;
}

interface Asked {
  readonly admission: 'card' | 'none';
  /** Epoch ms: when Alma was asked. */
  readonly at: number;
  readonly spelling: string;
}

function askedIn(version: string | undefined): Asked | undefined {
  const [, admission, at, spelling] = /^(card|none) (\d+) (.+)$/.exec(version ?? '') ?? [];
  return (admission === 'card' || admission === 'none') && spelling !== undefined ? { admission, at: Number(at), spelling } : undefined;
}

/** The rest of the day's calls belongs to the institution's other applications. */
function refuseLastCalls({ almaRemaining, clock }: PeopleDeps, { alma: { reservePerDay } }: Settings): void {
  const left = almaRemaining();
  const tomorrow = Math.ceil((clock.now() + 1) / 86_400_000) * 86_400_000; // Alma's day begins at midnight UTC (likely)
  if (left !== undefined && left <= reservePerDay) throw new QuotaExhausted({ vendor: 'alma', call: 'any call', resetsAt: tomorrow });
}

/** Trouble about one account, or for a while: the others, and whoever has a card already, are not touched by it. */
const isPassing = (error: unknown): error is ConcordError =>
  error instanceof VendorRateLimited || error instanceof QuotaExhausted || error instanceof VendorUnavailable || error instanceof VendorAnswerInvalid || error instanceof VendorRejected;
