/**
 * People of NXT as a side that is written and not read. A create finds the traveller's constituent (ladder.ts) and fills its blanks, or makes one; where
 * nobody can be sure, a person is asked. An item is a constituent as it stands for one account: two accounts of one person share a constituent, and
 * its id here is `<constituent>/<account>`. Nobody is ever deleted, and no name is changed.
 */
import pLimit, { type LimitFunction } from 'p-limit';
import type { Side, WriteResult } from '../../engine/side.ts';
import { foldedEmail, foldedName, foldedPhone } from '../../matching/person.ts';
import type { Candidate } from '../../matching/decide.ts';
import type { Entity, Item } from '../../sync/item.ts';
import type { ConstituentData } from '../../vendors/sky/constituents.ts';
import { itemByItem } from '../item-by-item.ts';
import { blind } from '../manners.ts';
import { about } from './about.ts';
import { bearsName, fill } from './fill.ts';
import { markOf, sharedId, standingIn } from './ids.ts';
import { whoIs, type Who } from './ladder.ts';
import { factsOf, placeIn, textIn } from './map.ts';
import { callsAtOnce, done, itemOf, refused, stopped, type NxtDeps } from './nxt.ts';
import type { Settings } from './settings.ts';

const madeMax = 500;

export function constituentTarget(deps: NxtDeps, { types, people }: Pick<Settings, 'types' | 'people'>): Side {
  const { sky, notice } = deps;
  const made: Candidate[] = [];
  const turns = new Map<string, LimitFunction>();

  /** Of one family one after the other: two accounts of one person would both find nobody. */
  function inTurn<T>(entity: Entity, work: () => Promise<T>): Promise<T> {
    const family = foldedName(textIn(entity, 'lastName') ?? '');
    const turn = turns.get(family) ?? pLimit(1);
    turns.set(family, turn);
    return turn(work);
  }

  async function create(entity: Entity, account: string): Promise<WriteResult> {
    const who = await whoIs(sky, account, entity, made);
    if (who.kind === 'unsure') return stopped('E_WHO_IS_IT', `nobody can be sure who this is in NXT: ${who.why}. Compare account ${account} of ServiceReef with them, then resolve it with --done and the constituent's id`);
    return who.kind === 'found' ? adopt(who, entity, account) : make(entity, account, who.isShared);
  }

  async function adopt({ record, isMarked }: Extract<Who, { kind: 'found' }>, entity: Entity, account: string): Promise<WriteResult> {
    const problem = await fill(sky, record, entity, types);
    if (problem !== undefined) return refused('constituent', problem);
    if (!isMarked && types.alias !== null) {
      const marked = await sky.aliases.add(record.id, { name: markOf(account), type: types.alias });
      if (marked.kind === 'refused') notice(`NXT refused the alias of constituent ${record.id} (${marked.fault.code}); types.alias has to stand in its table of alias types`);
    }
    return done(sharedId(record.id, account), entity);
  }

  async function make(entity: Entity, account: string, isShared: boolean): Promise<WriteResult> {
    const answer = await sky.constituents.create(constituentData(entity, account, isShared));
    // Our own import id is taken: an earlier try of ours, which the search does not show yet.
    if (answer.kind === 'exists') return { kind: 'lost', sent: true, code: 'E_UNSETTLED' };
    if (answer.kind !== 'done') return refused('constituent', answer);
    made.push({ id: answer.id, facts: factsOf(entity) });
    if (made.length > madeMax) made.shift();
    const code = people.constituentCode === null ? undefined : await sky.codes.add(answer.id, { description: people.constituentCode });
    if (code?.kind === 'refused') notice(`NXT refused the constituent code of ${answer.id} (${code.fault.code}); people.constituentCode has to stand in its table`);
    return done(sharedId(answer.id, account), entity);
  }

  function constituentData(entity: Entity, account: string, isShared: boolean): ConstituentData {
    const [email, phone, place] = [textIn(entity, 'email'), textIn(entity, 'phone'), placeIn(entity, 'address')];
    const hasEmail = email !== undefined && foldedEmail(email) !== undefined && !(isShared && people.sharedEmail === 'leave-out');
    return {
      last: textIn(entity, 'lastName') ?? '', first: textIn(entity, 'firstName'), importId: markOf(account),
      ...(hasEmail && { email: { address: email, type: types.email, primary: !isShared } }),
      ...(phone !== undefined && foldedPhone(phone) !== undefined && { phone: { number: phone, type: types.phone, primary: true } }),
      ...(place?.addressLines !== undefined && { address: { ...place, type: types.address } }),
    };
  }

  async function update(id: string, fields: Entity, entity: Entity, account: string): Promise<WriteResult> {
    const found = await sky.constituents.get(standingIn(id));
    if (found.kind === 'missing') return create(entity, account); // merged into another one, or deleted: whoever stands for the traveller now
    if (found.kind === 'rejected') return stopped('E_ROW_UNREADABLE', `${found.rejected.field} of constituent ${standingIn(id)} cannot be read; nothing was changed`);
    const isRenamed = 'firstName' in fields || 'lastName' in fields;
    if (isRenamed && !bearsName(found.row, entity)) return stopped('E_NAME_DIFFERS', `the name of account ${account} has changed in ServiceReef, and constituent ${found.row.id} has another one; names are not ours to change: correct it in NXT if it is right, then resolve it with --done`);
    const problem = await fill(sky, found.row, fields, types);
    return problem === undefined ? done(id, entity) : refused('constituent', problem);
  }

  async function ours(entity: Entity, otherId: string): Promise<readonly Item[]> {
    const { rows } = await sky.constituents.findDuplicates({ last: textIn(entity, 'lastName') ?? '', first: textIn(entity, 'firstName'), email: textIn(entity, 'email') });
    return rows.filter(({ importId }) => importId === markOf(otherId)).map((row) => itemOf(sharedId(row.id, otherId), entity, otherId));
  }

  return {
    ...blind, system: 'nxt', power: 'find', indexDelayMs: about.searchDelayMs, oneWriter: false, batchMax: 50,
    identity: () => deps.skyUrl,
    ...itemByItem(deps.clock, {
      atOnce: callsAtOnce, ours,
      create: (entity, account) => inTurn(entity, () => create(entity, account)),
      update: (id, fields, entity, account) => inTurn(entity, () => update(id, fields, entity, account)),
      withdraw: async (id) => ({ kind: 'done', id }), // nobody is ever taken away
    }),
  };
}
