/**
 * The persons that PassagePoint knows, and the hands of the people at its desk. A card's number is unique among them by the rules of
 * the API (confirmed); that several can be found all the same is the vendor's own description, and a switch here.
 * Left out: company, custom fields, pictures, watch lists.
 */
import { refuse } from './passagepoint-answers.ts';

export interface PassagePointVisitor {
  /** 15 digits; a number on the wire. */
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  /** By name, one of the categories that exist. */
  readonly category: string;
  /** The card's barcode; absent for somebody without one. */
  readonly uniqueId: string | undefined;
  readonly email: string | undefined;
  readonly mobilePhoneNo: string | undefined;
}

export type PassagePointVisitorDraft = Partial<Omit<PassagePointVisitor, 'id'>>;

export interface PassagePointVisitorsByHand {
  readonly size: number;
  /** @throws as the API refuses: an unknown category, a card that somebody else has */
  add(draft?: PassagePointVisitorDraft): PassagePointVisitor;
  edit(id: string, changes: PassagePointVisitorDraft): PassagePointVisitor;
  remove(id: string): void;
  get(id: string): PassagePointVisitor | undefined;
  byUniqueId(uniqueId: string): readonly PassagePointVisitor[];
  all(): readonly PassagePointVisitor[];
  /** How often somebody with this card was created over the API; refused attempts do not count. */
  timesMade(uniqueId: string): number;
}

export interface PassagePointVisitors {
  readonly byHand: PassagePointVisitorsByHand;
  /** Over the API. */
  create(draft: PassagePointVisitorDraft): PassagePointVisitor;
}

export function passagePointVisitors(settings: { readonly categories: readonly string[]; readonly uniqueIdsEnforced: boolean }): PassagePointVisitors {
  const visitors = new Map<string, PassagePointVisitor>();
  const idsByCard = new Map<string, Set<string>>();
  const made = new Map<string, number>();
  let lastId = 137_505_000_000_122;

  const existing = (id: string) => visitors.get(id) ?? refuse(404, 'NOT_FOUND');
  const byUniqueId = (uniqueId: string) => [...(idsByCard.get(uniqueId) ?? [])].map(existing);

  function forgetCard({ id, uniqueId = '' }: PassagePointVisitor): void {
    idsByCard.get(uniqueId)?.delete(id);
  }

  function keep(visitor: PassagePointVisitor): PassagePointVisitor {
    if (!settings.categories.includes(visitor.category)) refuse(400, 'INVALID_CATEGORY');
    const holders = visitor.uniqueId === undefined ? [] : byUniqueId(visitor.uniqueId);
    if (settings.uniqueIdsEnforced && holders.some(({ id }) => id !== visitor.id)) refuse(400, 'ALREADY_EXIST_UNIQUE_ID');
    forgetCard(visitors.get(visitor.id) ?? visitor);
    if (visitor.uniqueId !== undefined) idsByCard.set(visitor.uniqueId, (idsByCard.get(visitor.uniqueId) ?? new Set()).add(visitor.id));
    visitors.set(visitor.id, visitor);
    return visitor;
  }

  function add(draft: PassagePointVisitorDraft = {}): PassagePointVisitor {
    lastId += 1;
    return keep({ ...blank, ...draft, id: String(lastId) });
  }

  const byHand: PassagePointVisitorsByHand = {
    get size() {
      return visitors.size;
    },
    add,
    edit: (id, changes) => keep({ ...existing(id), ...changes }),
    remove(id) {
      forgetCard(existing(id));
      visitors.delete(id);
    },
    get: (id) => visitors.get(id),
    byUniqueId,
    all: () => [...visitors.values()],
    timesMade: (uniqueId) => made.get(uniqueId) ?? 0,
  };
  return {
    byHand,
    create(draft) {
      const visitor = add(draft);
      if (visitor.uniqueId !== undefined) made.set(visitor.uniqueId, byHand.timesMade(visitor.uniqueId) + 1);
      return visitor;
    },
  };
}

const blank: Omit<PassagePointVisitor, 'id'> = {
  firstName: 'Sample',
  lastName: 'Visitor',
  category: 'Visitor',
  uniqueId: undefined,
  email: undefined,
  mobilePhoneNo: undefined,
};
