/**
 * What the acts of one thing say by themselves, before any end is looked at: who added, removed and approved it, and which value
 * was typed by somebody who saw which other. It judges nothing (model.ts does) and knows nothing of the hub.
 */
import type { Act, History, SideName, Standing } from './history.ts';

type Typed = Extract<Act, { verb: 'add' | 'edit' }>;
export type Edit = Extract<Act, { verb: 'edit' }>;
type Removal = Extract<Act, { verb: 'remove' }>;

const withdrawing: ReadonlySet<Act['verb']> = new Set(['unapprove', 'reject', 'archive']);

export class Story {
  readonly thing: string;
  readonly acts: Act[] = [];
  readonly typed: Typed[] = [];
  readonly edits: Edit[] = [];
  readonly removals: Removal[] = [];
  readonly adds = { source: 0, target: 0 };
  /** Where the last word of people on approval stands: `undefined` while nobody in the source said anything. */
  approved: boolean | undefined;
  everApproved = false;
  /** Somebody took approval away, or the thing began without it. */
  everUnapproved = false;
  everRejected = false;
  everSpoiled = false;

  constructor(thing: string) {
    this.thing = thing;
  }

  tell(act: Act): void {
    this.acts.push(act);
    if (act.verb === 'add') {
      this.adds[act.side]++;
      this.typed.push(act);
      if (act.side === 'source') this.say(act.approved);
    } else if (act.verb === 'edit') {
      this.edits.push(act);
      this.typed.push(act);
    } else if (act.verb === 'remove') this.removals.push(act);
    else if (act.verb === 'approve') this.say(true);
    else if (act.verb === 'spoil') this.everSpoiled = true;
    else if (withdrawing.has(act.verb)) {
      this.say(false);
      if (act.verb !== 'unapprove') this.everRejected = true;
    }
  }

  private say(approved: boolean): void {
    this.approved = approved;
    if (approved) this.everApproved = true;
    else this.everUnapproved = true;
  }

  /** The removal that nobody in that system followed with a new item. */
  lastRemoval(side: SideName): Removal | undefined {
    const removal = this.removals.findLast((one) => one.side === side);
    const added = this.typed.findLast((one) => one.verb === 'add' && one.side === side);
    return removal !== undefined && (added === undefined || added.at < removal.at) ? removal : undefined;
  }

  wasRemoved(side: SideName): boolean {
    return this.removals.some((one) => one.side === side);
  }

  /** Whether whoever made `later` knew `earlier`: saw it, or saw a value whose author knew it. */
  knew(field: string, later: string | null, earlier: string | null): boolean {
    for (let value = later; ; ) {
      if (value === earlier) return true;
      const edit = this.edits.find((one) => one.fields[field] === value && one.fields[field] !== undefined);
      if (edit === undefined) return false;
      const saw = edit.saw[field] ?? null;
      // An emptied field hides what stood there. Whoever fills it again has the last word over all that was typed before.
      if (saw === null) return this.typed.some((one) => one.at < edit.at && one.fields[field] === earlier);
      value = saw;
    }
  }

  /** Whether the person who removed the item had not seen what this edit typed, so that the edit may outlive the removal. */
  outlives(edit: Edit, removal: Removal): boolean {
    return Object.entries(edit.fields).some(([field, value]) => !this.knew(field, removal.saw[field] ?? null, value));
  }
}

/** One thing with its story and what stands of it at the end. */
export interface Case {
  readonly house: History['house'];
  readonly story: Story;
  readonly source: readonly Standing[];
  readonly target: readonly Standing[];
  readonly isOpen: boolean;
  /** The hub says that it made this twice, and asks a person which of the two may go. */
  readonly isToldTwice: boolean;
  /** The hub asks a person whether a create of its own happened, of this thing or another. */
  readonly isDoubtAbout: boolean;
  /** See `History`. */
  readonly isUnsure: boolean;
}

export function casesOf({ house, acts, end, unsure }: History): readonly Case[] {
  const stories = new Map<string, Story>();
  const storyOf = (thing: string) => {
    const story = stories.get(thing) ?? new Story(thing);
    stories.set(thing, story);
    return story;
  };
  for (const act of acts) storyOf(act.thing).tell(act);
  for (const side of [end.source, end.target]) for (const thing of side.keys()) storyOf(thing);
  const isDoubtAbout = [...end.open.values()].some(({ state }) => state === 'doubt');
  return [...stories.values()].map((story) => ({
    house,
    story,
    source: end.source.get(story.thing) ?? [],
    target: end.target.get(story.thing) ?? [],
    isOpen: end.open.has(story.thing),
    isToldTwice: end.open.get(story.thing)?.code === 'MADE_TWICE',
    isDoubtAbout,
    isUnsure: unsure?.has(story.thing) === true,
  }));
}
