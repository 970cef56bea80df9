/** The small stories that are cut at every await: one thing happens to one event, in each direction. */
import type { Fields } from './history.ts';
import type { SimulatedPair } from './world.ts';

export interface Story {
  readonly name: string;
  readonly policy: 'moderated' | 'two-way';
  readonly before?: (stage: Actors) => void;
  readonly edit: (stage: Actors) => void;
}

/** Hands for a story: items are named by what they are called. */
export interface Actors {
  add(side: 'source' | 'target', thing: string, approved?: boolean): void;
  edit(side: 'source' | 'target', thing: string, fields: readonly string[]): void;
  remove(side: 'source' | 'target', thing: string): void;
  judge(thing: string, verdict: 'approve' | 'unapprove'): void;
}

const theme = 'thing-1';
const approved = (hands: Actors): void => hands.add('source', theme);
const imported = (hands: Actors): void => hands.add('target', theme);

export const stories: readonly Story[] = [
  { name: 'create, outwards', policy: 'moderated', edit: approved },
  { name: 'update, outwards', policy: 'moderated', before: approved, edit: (hands) => hands.edit('source', theme, ['title']) },
  { name: 'move, outwards', policy: 'moderated', before: approved, edit: (hands) => hands.edit('source', theme, ['other']) },
  { name: 'unapprove', policy: 'moderated', before: approved, edit: (hands) => hands.judge(theme, 'unapprove') },
  { name: 'delete, outwards', policy: 'moderated', before: approved, edit: (hands) => hands.remove('source', theme) },
  { name: 'create, inwards', policy: 'moderated', edit: imported },
  { name: 'update, inwards', policy: 'moderated', before: imported, edit: (hands) => hands.edit('target', theme, ['title']) },
  { name: 'move, inwards', policy: 'two-way', before: approved, edit: (hands) => hands.edit('target', theme, ['other']) },
  { name: 'approve what came in', policy: 'moderated', before: imported, edit: (hands) => hands.judge(theme, 'approve') },
  { name: 'delete, inwards: put back', policy: 'moderated', before: approved, edit: (hands) => hands.remove('target', theme) },
  { name: 'delete of a pending one, inwards', policy: 'moderated', before: imported, edit: (hands) => hands.remove('target', theme) },
  {
    name: 'conflict', policy: 'two-way', before: approved,
    edit: (hands) => {
      hands.edit('source', theme, ['title']);
      hands.edit('target', theme, ['title']);
    },
  },
  {
    name: 'both edited, different fields', policy: 'two-way', before: approved,
    edit: (hands) => {
      hands.edit('source', theme, ['title']);
      hands.edit('target', theme, ['other']);
    },
  },
];

/** Values are counted, so that each is new; `other` is the pair's second field. */
export function actorsOf(pair: SimulatedPair): Actors {
  let count = 0;
  const value = (field: string, thing: string): string => {
    count += 1;
    return pair.typed(field, thing, `value ${count}`, count);
  };
  const fieldOf = (name: string): string => (name === 'other' ? (pair.fields[1] ?? 'title') : name);
  const idOf = (side: 'source' | 'target', thing: string): string => [...pair.standing(side).values()].find((seen) => seen.thing === thing)?.id ?? '';
  const typed = (thing: string, names: readonly string[]): Fields => Object.fromEntries(names.map(fieldOf).map((field) => [field, value(field, thing)]));
  return {
    add: (side, thing, isApproved = true) => pair.people.add(side, thing, typed(thing, pair.fields), isApproved),
    edit: (side, thing, fields) => pair.people.edit(side, idOf(side, thing), typed(thing, fields)),
    remove: (side, thing) => pair.people.remove(side, idOf(side, thing)),
    judge: (thing, verdict) => pair.people.judge(idOf('source', thing), verdict),
  };
}
