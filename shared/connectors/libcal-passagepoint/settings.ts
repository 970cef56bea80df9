/**
 * What a site may choose: the shape of `config/libcal-passagepoint.json`. Addresses and credentials are not here, they come from the
 * environment. What nobody could confirm about a vendor (which calls PassagePoint has, how LibCal spells a status) is a setting.
 */
import * as z from 'zod/mini';
import { ConfigurationInvalid } from '../../base/errors.ts';
import { flag, nonEmpty, oneOf, parsedSettings, textOr, whole } from '../settings-shapes.ts';

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'iu').source !== '';
  } catch {
    return false;
  }
}

const id = z.int().check(z.minimum(1));

const location = z.strictObject({
  lid: id,
  name: nonEmpty,
  /** IANA name: in which days LibCal lists this location's bookings. */
  timeZone: z.string().check(z.refine(isZone, 'not a time zone; write it like America/New_York')),
  /** The name of a destination that stands in PassagePoint. */
  destination: nonEmpty,
  /** Categories or spaces with a destination of their own; a space counts before its category. */
  elsewhere: z._default(z.array(z.union([z.strictObject({ eid: id, destination: nonEmpty }), z.strictObject({ cid: id, destination: nonEmpty })])), []),
});

const libcal = z.strictObject({
  prefix: oneOf(['/api/1.1', '/1.1']),
  /** What names a row, see the client. `place-and-time` where numbers are missing or shared. */
  identity: oneOf(['row-id', 'place-and-time']),
  /** The form question that asks for the university id, such as `q12505`; null: the login counts. */
  idQuestion: z._default(z.nullable(z.string().check(z.regex(/^q\d+$/))), null),
  /** Statuses that open a door. What begins with `Cancelled`, and `Mediated Denied`, never does. */
  activeStatuses: z._default(z.array(nonEmpty), ['Confirmed', 'Mediated Approved', 'Confirmed (Payment Pending)']),
});

const personIds = z.strictObject({
  /** What an id looks like; one that fits is written in upper case before it is looked up. Null: every id is taken as it is typed. */
  pattern: z._default(z.nullable(z.string().check(z.refine(isPattern, 'not a regular expression'))), null),
});

/** `skip`: no entry, and `explain` says why. `worklist`: the same, and told in every report. `register`: a visitor with an id that we make. */
const withoutCard = z.enum(['skip', 'worklist', 'register']);

const accounts = z.strictObject({
  /** Bookings without any id. */
  guests: z._default(withoutCard, 'skip'),
  /** Ids that no institution of Alma knows. */
  unknown: z._default(withoutCard, 'worklist'),
  withoutBarcode: z._default(withoutCard, 'worklist'),
  /** Accounts that are not active, or have expired. `guest`: let in under the default category. */
  inactive: oneOf(['allow', 'guest', 'reject']),
});

const alma = z.strictObject({
  /** Of the institution's 25 a second (confirmed), which all its applications share. */
  perSecond: whole(1, 25, 5),
  barcodeType: textOr('BARCODE'),
  /** Of several active cards: those that this side keeps come first. */
  segment: z._default(z.nullable(z.enum(['Internal', 'External'])), null),
  view: oneOf(['brief', 'full']),
  /** Calls of the day that are left for the institution's other applications: below, nobody new is looked up. */
  reservePerDay: whole(0, 1_000_000, 500),
});

const categories = z.strictObject({
  /** The code of Alma's user group -> the name of a category that stands in PassagePoint. */
  byGroup: z._default(z.record(nonEmpty, nonEmpty), {}),
  usual: textOr('Visitor'),
});

/** What this site's PassagePoint can do beyond the confirmed calls (assumed): off until somebody has tried it there. */
const capabilities = z.strictObject({ updateVisitor: flag(false), searchPreReg: flag(false), updatePreReg: flag(false), cancelPreReg: flag(false) });

const schema = z
  .strictObject({
    everyMinutes: whole(1, 24 * 60, 5),
    /** Days after today whose bookings are registered. */
    daysAhead: whole(0, 60, 7),
    /** How long a visit that is over is remembered. */
    keepDays: whole(1, 365, 30),
    locations: z.array(location).check(z.minLength(1)),
    libcal: z.prefault(libcal, {}),
    personIds: z.prefault(personIds, {}),
    accounts: z.prefault(accounts, {}),
    alma: z.prefault(alma, {}),
    categories: z.prefault(categories, {}),
    /** How much earlier, and later, than the booking the door is open. */
    marginMinutes: z.prefault(z.strictObject({ before: whole(0, 240, 0), after: whole(0, 240, 0) }), {}),
    passagePoint: z.prefault(z.strictObject({ capabilities: z.prefault(capabilities, {}) }), {}),
  })
  .check(z.refine(({ locations }) => new Set(locations.map(({ lid }) => lid)).size === locations.length, { message: 'two locations have the same lid', path: ['locations'] }));

export type Settings = z.output<typeof schema>;
export type Location = Settings['locations'][number];
export type WithoutCard = z.output<typeof withoutCard>;

/** @throws ConfigurationInvalid that lists all that is wrong, with the place of each. */
export const parseSettings = (json: unknown): Settings => parsedSettings(schema, json);

/** Of the settings' locations only those that `LIBCAL_LOCATIONS` names: numbers with commas between them. @throws ConfigurationInvalid */
export function onlyLocations(settings: Settings, text: string | undefined): Settings {
  if (text === undefined) return settings;
  const lids = text.split(',').map((part) => part.trim()).filter((part) => part !== '');
  const known = new Set(settings.locations.map(({ lid }) => String(lid)));
  const strange = lids.filter((lid) => !known.has(lid));
  if (strange.length > 0) throw new ConfigurationInvalid(strange.map((lid) => `LIBCAL_LOCATIONS names ${lid}, which is no location there`));
  if (lids.length === 0) throw new ConfigurationInvalid(['LIBCAL_LOCATIONS names no location']);
  return { ...settings, locations: settings.locations.filter(({ lid }) => lids.includes(String(lid))) };
}
