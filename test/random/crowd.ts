/**
 * The people of a history: they add, edit, remove, approve and spoil, in both systems, whenever it is their turn. Each value they
 * type is new, so that it tells later whose edit it was; what they did is kept as acts for the judges.
 */
import { pick } from '../../shared/simulators/world.ts';
import type { FaultBox } from './faults.ts';
import type { Act, Fields, SideName } from './history.ts';
import { personalMark } from './watch.ts';
import type { Seen, SimulatedPair } from './world.ts';

// One of each plane, a right-to-left word, a joined emoji, a combining mark, and what XML, ICS and SQL quote.
const strangeTexts = ['ẞ', '日本', 'עברית', '👩‍👩‍👧', 'é', '\u{1F3FB}', '\u{20000}', '"&<>;,\\', "O'Hara"];

export class Crowd {
  readonly acts: Act[] = [];
  private readonly pair: SimulatedPair;
  private readonly random: () => number;
  private readonly box: FaultBox;
  /** Turns at which nobody does anything, for shrinking. */
  private readonly without: ReadonlySet<number>;
  private turns = 0;
  private things = 0;
  private values = 0;

  constructor(pair: SimulatedPair, random: () => number, box: FaultBox, without: ReadonlySet<number> = new Set()) {
    this.pair = pair;
    this.random = random;
    this.box = box;
    this.without = without;
  }

  /** A value of its own, with the mark of personal data. */
  private typed(field: string, thing: string): string {
    const strange = this.box.strikes('unicode') ? pick(this.random, strangeTexts) : '';
    const long = field !== 'title' && this.box.strikes('huge-item') ? 'x'.repeat(70_000) : '';
    this.values += 1;
    return this.pair.typed(field, thing, `${personalMark}${this.values}${strange}${long}`, this.values);
  }

  private fields(thing: string): Fields {
    return Object.fromEntries(this.pair.fields.map((field) => [field, this.typed(field, thing)]));
  }

  /** A new thing, in one system or entered twice, in both. */
  add(side: SideName = this.random() < 0.65 ? 'source' : 'target', inBoth = this.random() < 0.1): void {
    const thing = `thing-${++this.things}`;
    const fields = this.fields(thing);
    for (const place of inBoth ? (['source', 'target'] as const) : [side]) {
      const approved = place === 'target' || this.random() < 0.8;
      this.pair.people.add(place, thing, fields, approved);
      this.acts.push({ at: this.acts.length, side: place, thing, verb: 'add', fields, approved });
    }
  }

  /** Something that people do. */
  act(): void {
    if (this.without.has(this.turns++)) return;
    const side = pick(this.random, ['source', 'source', 'target'] as const);
    const seen = [...this.pair.standing(side).values()];
    if (seen.length === 0 || this.random() < 0.15) return this.add();
    const item = pick(this.random, seen);
    const luck = this.random();
    if (luck < 0.12) this.remove(side, item);
    else if (luck < 0.35 && side === 'source') this.judge(item);
    else if (this.box.isArmed('unreadable-item') && this.pair.people.canSpoil.includes(side) && this.box.strikes('unreadable-item')) this.spoil(side, item);
    else if (!item.readable) this.mend(side, item);
    else this.edit(side, item);
  }

  private edit(side: SideName, item: Seen): void {
    const names = this.pair.fields.filter(() => this.random() < 0.6);
    const chosen = names.length > 0 ? names : this.pair.fields.slice(0, 1);
    const fields = Object.fromEntries(chosen.map((field) => [field, this.typed(field, item.thing)]));
    const saw = Object.fromEntries(chosen.map((field) => [field, item.fields[field] ?? null]));
    this.pair.people.edit(side, item.id, fields);
    this.acts.push({ at: this.acts.length, side, thing: item.thing, verb: 'edit', fields, saw });
  }

  private remove(side: SideName, item: Seen): void {
    this.pair.people.remove(side, item.id);
    this.acts.push({ at: this.acts.length, side, thing: item.thing, verb: 'remove', saw: item.fields });
  }

  private judge(item: Seen): void {
    const verdict = pick(this.random, item.belongs ? this.pair.people.verdicts.filter((one) => one !== 'approve') : (['approve'] as const));
    this.pair.people.judge(item.id, verdict);
    this.acts.push({ at: this.acts.length, side: 'source', thing: item.thing, verb: verdict });
  }

  private spoil(side: SideName, item: Seen): void {
    this.pair.people.spoil(side, item.id);
    this.acts.push({ at: this.acts.length, side, thing: item.thing, verb: 'spoil' });
  }

  private mend(side: SideName, item: Seen): void {
    const title = this.typed('title', item.thing);
    this.pair.people.mend(side, item.id, title);
    this.acts.push({ at: this.acts.length, side, thing: item.thing, verb: 'mend' });
    this.acts.push({ at: this.acts.length, side, thing: item.thing, verb: 'edit', fields: { title }, saw: { title: null } });
  }
}
