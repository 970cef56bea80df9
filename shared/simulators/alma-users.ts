/**
 * The users of one Alma institution: found by primary id, whatever its case, or by any other identifier, letter by letter; and the
 * hands of staff who issue cards, change groups and close accounts. Which of several cards is the right one is the reader's question.
 * Left out: linked accounts of other institutions, addresses, phones, statistics, roles.
 */

/** A code and its label. Labels are translated and change; the code stays (confirmed). */
export interface AlmaCode {
  readonly value: string;
  readonly desc: string;
}

export interface AlmaIdentifier {
  readonly value: string;
  /** Of the institution's own table: `BARCODE`, `INST_ID`, ... */
  readonly type: string;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly segment: 'Internal' | 'External';
  readonly note: string | null;
}

export interface AlmaUser {
  readonly primaryId: string;
  readonly recordType: 'PUBLIC' | 'STAFF' | 'CONTACT';
  readonly firstName: string;
  readonly lastName: string;
  /** Contacts may have none. */
  readonly group: AlmaCode | undefined;
  readonly status: 'ACTIVE' | 'INACTIVE' | 'DELETED';
  /** The last day, `2027-06-30`; the account is not closed by it. */
  readonly expiresOn: string | undefined;
  readonly accountType: 'EXTERNAL' | 'INTERNAL' | 'INTEXTAUTH';
  readonly emails: readonly string[];
  /** In the order in which Alma lists them. */
  readonly identifiers: readonly AlmaIdentifier[];
  readonly blocks: readonly { readonly type: string; readonly description: string; readonly status: 'ACTIVE' | 'INACTIVE' }[];
}

/** A text is an active card. */
export type AlmaBarcode = string | (Partial<AlmaIdentifier> & { readonly value: string });
/** What is left out has a default: an active undergraduate without any card. `barcodes` come before `identifiers`. */
export type AlmaUserDraft = Partial<AlmaUser> & { readonly barcodes?: readonly AlmaBarcode[] };

export interface AlmaUsersByHand {
  readonly size: number;
  /** @throws where the primary id is taken */
  add(draft?: AlmaUserDraft): AlmaUser;
  /** @throws where there is no such user; so do all below */
  edit(primaryId: string, changes: Partial<Omit<AlmaUser, 'primaryId'>>): AlmaUser;
  /** All cards at once; other identifiers stay. */
  setBarcodes(primaryId: string, barcodes: readonly AlmaBarcode[]): AlmaUser;
  setGroup(primaryId: string, group: AlmaCode | undefined): AlmaUser;
  deactivate(primaryId: string): AlmaUser;
  activate(primaryId: string): AlmaUser;
  expire(primaryId: string, expiresOn: string): AlmaUser;
  remove(primaryId: string): void;
  get(primaryId: string): AlmaUser | undefined;
  all(): readonly AlmaUser[];
}

export interface AlmaUsers {
  readonly byHand: AlmaUsersByHand;
  /** @param type  `all_unique`, or a code of the identifier table, which the primary id has none of. */
  find(id: string, type: string): AlmaUser | undefined;
}

export function almaUsers(): AlmaUsers {
  const users = new Map<string, AlmaUser>();
  let added = 0;
  const existing = (primaryId: string) => users.get(primaryId.toLowerCase()) ?? missing();
  const keep = (user: AlmaUser): AlmaUser => {
    users.set(user.primaryId.toLowerCase(), user);
    return user;
  };
  const edit = (primaryId: string, changes: Partial<AlmaUser>) => keep({ ...existing(primaryId), ...changes });

  const byHand: AlmaUsersByHand = {
    get size() {
      return users.size;
    },
    add({ barcodes = [], ...draft } = {}) {
      const primaryId = draft.primaryId ?? `G${20_000_001 + added}`;
      if (users.has(primaryId.toLowerCase())) throw new Error('this primary id is taken');
      added += 1;
      return keep({ ...blank, primaryId, ...draft, identifiers: [...barcodes.map(cardOf), ...(draft.identifiers ?? [])] });
    },
    edit,
    setBarcodes(primaryId, barcodes) {
      const others = existing(primaryId).identifiers.filter(({ type }) => type !== 'BARCODE');
      return edit(primaryId, { identifiers: [...barcodes.map(cardOf), ...others] });
    },
    setGroup: (primaryId, group) => edit(primaryId, { group }),
    deactivate: (primaryId) => edit(primaryId, { status: 'INACTIVE' }),
    activate: (primaryId) => edit(primaryId, { status: 'ACTIVE' }),
    expire: (primaryId, expiresOn) => edit(primaryId, { expiresOn }),
    remove: (primaryId) => void users.delete(existing(primaryId).primaryId.toLowerCase()),
    get: (primaryId) => users.get(primaryId.toLowerCase()),
    all: () => [...users.values()],
  };
  return {
    byHand,
    find(id, type) {
      const byPrimaryId = type === 'all_unique' ? users.get(id.toLowerCase()) : undefined;
      const carries = (identifier: AlmaIdentifier) => identifier.value === id && (type === 'all_unique' || identifier.type === type);
      return byPrimaryId ?? [...users.values()].find(({ identifiers }) => identifiers.some(carries));
    },
  };
}

/**
 * Those whom `q=<field>~<text>` finds; everybody without one. A part of the value is enough, whatever its case (assumed).
 * An unknown field finds nobody (assumed).
 */
export function searched(users: readonly AlmaUser[], q: string | null): readonly AlmaUser[] {
  if (q === null || q === '') return users;
  const cut = q.indexOf('~');
  const field = q.slice(0, cut);
  const text = q.slice(cut + 1).toLowerCase();
  const valuesOf = (user: AlmaUser): readonly string[] => {
    const values: Readonly<Record<string, readonly string[]>> = {
      primary_id: [user.primaryId],
      first_name: [user.firstName],
      last_name: [user.lastName],
      email: user.emails,
      identifiers: user.identifiers.map(({ value }) => value),
    };
    return field === 'ALL' ? Object.values(values).flat() : (values[field] ?? []);
  };
  return users.filter((user) => valuesOf(user).some((value) => value.toLowerCase().includes(text)));
}

const blank: Omit<AlmaUser, 'primaryId'> = {
  recordType: 'PUBLIC',
  firstName: 'Sample',
  lastName: 'Patron',
  group: { value: '10', desc: 'Undergraduate' },
  status: 'ACTIVE',
  expiresOn: '2027-06-30',
  accountType: 'EXTERNAL',
  emails: [],
  identifiers: [],
  blocks: [],
};

function cardOf(barcode: AlmaBarcode): AlmaIdentifier {
  const card = { type: 'BARCODE', status: 'ACTIVE', segment: 'External', note: null } as const;
  return typeof barcode === 'string' ? { ...card, value: barcode } : { ...card, ...barcode };
}

function missing(): never {
  throw new Error('there is no user with this primary id');
}
