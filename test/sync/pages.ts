/** The stream of pages that the tests of single decisions stand on: what both sides agreed on, and what one may see of them. */
import type { Decision } from '../../shared/sync/decide.ts';
import { digester } from '../../shared/sync/digest.ts';
import type { Entity, Item } from '../../shared/sync/item.ts';
import type { Claim, Facts, Link, Proof, StagedWrite } from '../../shared/sync/link.ts';
import type { Policy } from '../../shared/sync/policy.ts';
import { makeBase, type Rules, type View } from '../../shared/sync/views.ts';

export const shape = 'pages-1';
export const digests = digester('an invented key, long enough', ['title', 'place', 'notes']);
export const rulesOf = (policy: Policy): Rules => ({ policy, digests, shape, keyFor: (side, from, lives) => `${side}/${from.id}/${lives}`, now: 0 });

export const agreed: Entity = { title: 'Choir', place: 'Hall', notes: 'Bring chairs' };
/** What the target's server makes of it when it is stored. */
export const rewritten: Entity = { ...agreed, notes: 'Bring chairs\n' };

export const baseOn = (source: Entity, target: Entity = source) => makeBase({ shape }, digests.entity(source), digests.entity(target));
export const sourceHolds = (entity: Entity, more: Partial<Item> = {}): View => ({ kind: 'present', item: { id: 's1', entity, belongs: true, ...more } });
export const targetHolds = (entity: Entity, more: Partial<Item> = {}): View => ({ kind: 'present', item: { id: 't1', entity, belongs: true, ...more } });
export const kept = (absentBecause: string, entity: Entity = agreed): View => sourceHolds(entity, { belongs: { absentBecause } });

export const scanned: Proof = { kind: 'scan', read: 7, declared: 7 };
export const gone: View = { kind: 'gone', proof: scanned };

export const claim: Claim = { worker: 'worker 1', until: 1, key: 'target/s1/0' };
export const bareLink: Link = { stream: 'pages', key: 'k', origin: 'created', versions: {}, state: 'agreed', lives: 0, log: [], touched: 0, rev: 1 };
export const linked = (some: Partial<Link> = {}): Link => ({ ...bareLink, sourceId: 's1', targetId: 't1', base: baseOn(agreed), ...some });

export const writesOf = (decision: Decision): readonly StagedWrite[] => (decision.kind === 'change' ? decision.writes : []);
export const nextOf = (decision: Decision): Facts | undefined => ('next' in decision ? decision.next : undefined);
