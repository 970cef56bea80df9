/**
 * Where SKY API differs from what a plain client expects, and what differs from tenant to tenant, one switch each. The defaults are
 * the vendor's documentation where it speaks; what is only likely or assumed says so. Each may be changed at any time.
 */

/** A tenant's own lists of words: a value that is not in its list is refused. */
export interface SkyTables {
  emailaddresstypes: readonly string[];
  phonetypes: readonly string[];
  addresstypes: readonly string[];
  aliastypes: readonly string[];
  titles: readonly string[];
  suffixes: readonly string[];
  genders: readonly string[];
  maritalstatuses: readonly string[];
  constituentcodetypes: readonly string[];
  customFieldCategories: readonly string[];
}

export interface SkySettings {
  /** Primary and secondary secret of the application: each works. */
  clientSecrets: readonly string[];
  /** Primary and secondary subscription key: each works. */
  subscriptionKeys: readonly string[];
  /** What may be a `redirect_uri`; undefined: anything over https, and localhost. */
  redirectUris: readonly string[] | undefined;
  /** What the person at the authorize page does. `waits`: the page is shown, nobody answers. */
  consent: 'granted' | 'denied' | 'waits' | 'connection-limit';
  codeSeconds: number;
  accessTokenSeconds: number;
  refreshTokenDays: number;
  /** Each refresh gives a new refresh token, and the old one dies (likely). */
  rotatesRefreshTokens: boolean;
  /** With `preserve_refresh_token` the answer has no refresh token (likely: it may). */
  preservingOmitsToken: boolean;
  /** By OAuth custom 400 (assumed). */
  oauthErrorStatus: 400 | 401;
  /** Likely 10; 5 in old pages. Undefined: no limit. */
  callsPerSecond: number | undefined;
  /** Over the subscription; 25 000 in the customer tier, 1 000 in the free one. The day is UTC's (assumed). */
  callsPerDay: number | undefined;
  retryAfter: 'seconds' | 'date';
  /** An outage as it was seen: 503 with the plain text "no healthy upstream". */
  isDown: boolean;
  /** What the consenting user may do; without it 403 in the API's own shape, and no Retry-After. */
  rights: { readConstituents: boolean; editConstituents: boolean; readEvents: boolean; editEvents: boolean };
  /** How often the lists over all constituents are loaded; between, they show what was (confirmed, about 30 minutes). */
  listLoadSeconds: number;
  /** How long search and duplicate search do not find what is new (unknown). */
  searchDelaySeconds: number;
  /** How long a new participant is missing in the roster (an older client seems to have met it). */
  rosterDelaySeconds: number;
  /** What `name` and `lookup_id` of the event list mean is not said. */
  eventListMatch: 'equals' | 'contains';
  /** Lengths of events' texts (assumed); longer ones are 400. */
  eventTextMax: { name: number; lookup_id: number; description: number };
  /** The answer to a second participant of one constituent (assumed: refused). */
  secondParticipant: 'refused' | 'second-row';
  /** Who a roster's row is about. Confirmed `contact_id`; another text of the vendor names the other. */
  rosterPerson: 'contact_id' | 'constituent_id';
  /** A null in PATCH (unknown). What can never be empty refuses it in any case. */
  nullsInPatch: 'clear' | 'refused';
  /** The schemas of the Constituent API do not forbid unknown properties (those of the Event API do): left out without a word. */
  unknownConstituentFields: 'ignored' | 'refused';
  /** A `lookup_id` or `import_id` that another constituent has (assumed: refused). */
  repeatedIds: 'refused' | 'accepted';
  /** What becomes of the participants of a deleted constituent (unknown). */
  deletedLeaves: 'participants' | 'nothing';
  tables: SkyTables;
  /** Deliveries come twice; deliveries come in the opposite order (both confirmed to be possible). */
  webhooks: { repeats: boolean; reversed: boolean };
}

export function skyDefaults(): SkySettings {
  return {
    clientSecrets: ['simulated-nxt-secret', 'simulated-nxt-secret-secondary'],
    subscriptionKeys: ['simulated-subscription-key', 'simulated-subscription-key-secondary'],
    redirectUris: undefined,
    consent: 'granted',
    codeSeconds: 300,
    accessTokenSeconds: 3600,
    refreshTokenDays: 365,
    rotatesRefreshTokens: true,
    preservingOmitsToken: true,
    oauthErrorStatus: 400,
    callsPerSecond: 10,
    callsPerDay: 25_000,
    retryAfter: 'seconds',
    isDown: false,
    rights: { readConstituents: true, editConstituents: true, readEvents: true, editEvents: true },
    listLoadSeconds: 1800,
    searchDelaySeconds: 0,
    rosterDelaySeconds: 0,
    eventListMatch: 'contains',
    eventTextMax: { name: 100, lookup_id: 50, description: 4000 },
    secondParticipant: 'refused',
    rosterPerson: 'contact_id',
    nullsInPatch: 'clear',
    unknownConstituentFields: 'ignored',
    repeatedIds: 'refused',
    deletedLeaves: 'participants',
    tables: {
      emailaddresstypes: ['Email', 'Work Email'],
      phonetypes: ['Home', 'Mobile', 'Business'],
      addresstypes: ['Home', 'Business'],
      aliastypes: ['Alias', 'Maiden Name', 'ServiceReef'],
      titles: ['Dr.', 'Mr.', 'Mrs.', 'Ms.', 'Rev.'],
      suffixes: ['Jr.', 'Sr.', 'III'],
      genders: ['Female', 'Male', 'Unknown'],
      maritalstatuses: ['Married', 'Single', 'Widowed'],
      constituentcodetypes: ['Board Member', 'Friend', 'Mission Traveler', 'Volunteer'],
      customFieldCategories: ['ServiceReef', 'T-shirt size'],
    },
    webhooks: { repeats: false, reversed: false },
  };
}
