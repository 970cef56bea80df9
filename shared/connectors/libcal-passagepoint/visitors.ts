/**
 * Visitors of PassagePoint as a side that cannot be listed: one is found by its unique id alone, the barcode of the card. A visitor is never
 * deleted. Where visitors cannot be changed (`updateVisitor`), a new card is a new visitor, and the visits go over to it.
 */
import type { Clock } from '../../base/clock.ts';
import type { Side, WriteResult } from '../../engine/side.ts';
import type { Entity, Item } from '../../sync/item.ts';
import type { PassagePointClient, VisitorData } from '../../vendors/passagepoint/client.ts';
import type { Visitor } from '../../vendors/passagepoint/schema.ts';
import { itemByItem } from '../item-by-item.ts';
import { blind } from '../manners.ts';

export interface VisitorDeps {
  readonly passagePoint: PassagePointClient;
  readonly passagePointUrl: string;
  readonly clock: Clock;
  readonly digest: (text: string) => string;
}

const atOnce = 50;

export function visitorTarget(deps: VisitorDeps): Side {
  const { passagePoint } = deps;

  async function create(entity: Entity): Promise<WriteResult> {
    const visitor = visitorOf(entity);
    const made = await passagePoint.createVisitor(visitor);
    if (made.kind === 'done') return { kind: 'done', id: made.id, item: itemOf(made.id, entity) };
    if (made.kind === 'refused') return refused(made.code);
    return made.kind === 'exists' ? standing(visitor, entity) : refused('NOT_FOUND');
  }

  /** The card is in PassagePoint already, by an earlier tool or by hand: it is the same person, and stays as it is. */
  async function standing({ uniqueId }: VisitorData, entity: Entity): Promise<WriteResult> {
    const found = await passagePoint.visitorByUniqueId(uniqueId);
    if (found.kind === 'found') return { kind: 'done', id: found.visitor.id, item: itemOf(found.visitor.id, { ...entity, ...kept(found.visitor) }) };
    if (found.kind === 'several') return { kind: 'parked', code: 'E_CARD_TWICE', message: `several visitors in PassagePoint have this card: ${found.ids.join(', ')}; remove all but one` };
    return refused('ALREADY_EXIST_UNIQUE_ID');
  }

  async function update(id: string, fields: Entity, entity: Entity): Promise<WriteResult> {
    if (passagePoint.updateVisitor === undefined) return create(entity);
    const changed = await passagePoint.updateVisitor({ id, ...visitorOf({ ...entity, ...fields }) });
    if (changed.kind === 'done') return { kind: 'done', id, item: itemOf(id, entity) };
    // The new card is another visitor's already: the visits go over to that one.
    if (changed.kind === 'exists') return standing(visitorOf(entity), entity);
    return changed.kind === 'missing' ? create(entity) : refused(changed.code);
  }

  function itemOf(id: string, entity: Entity): Item {
    return { id, entity, belongs: true, matchKeys: [{ strength: 'sure', text: `uid:${deps.digest(String(entity['uniqueId']))}` }] };
  }

  return {
    ...blind, system: 'passagepoint', power: 'find', oneWriter: false, batchMax: atOnce,
    identity: () => deps.passagePointUrl,
    ...itemByItem(deps.clock, { atOnce: 1, create, update, withdraw: async (id) => ({ kind: 'done', id }), ours }),
  };

  async function ours(entity: Entity): Promise<readonly Item[]> {
    const uniqueId = textIn(entity, 'uniqueId');
    if (uniqueId === '') return [];
    const answer = await passagePoint.visitorByUniqueId(uniqueId);
    if (answer.kind === 'several') return answer.ids.map((id) => itemOf(id, { uniqueId }));
    return answer.kind === 'found' ? [itemOf(answer.visitor.id, { ...entity, ...kept(answer.visitor) })] : [];
  }
}

const refused = (code: string): WriteResult => ({ kind: 'refused', code, message: `PassagePoint refused the visitor: ${code}` });

const textIn = (entity: Entity, field: string): string => {
  const value = entity[field];
  return typeof value === 'string' ? value : '';
};

function visitorOf(entity: Entity): VisitorData {
  const email = textIn(entity, 'email');
  return {
    uniqueId: textIn(entity, 'uniqueId'), firstName: textIn(entity, 'firstName'), lastName: textIn(entity, 'lastName'), category: textIn(entity, 'category'),
    ...(email !== '' && { email }),
  };
}

/** What PassagePoint says of a visitor that stood there; it need not say anything (assumed). */
function kept({ firstName, lastName, email, category }: Visitor): Entity {
  return { ...(firstName !== undefined && { firstName }), ...(lastName !== undefined && { lastName }), ...(email !== undefined && { email }), ...(category !== undefined && { category }) };
}
