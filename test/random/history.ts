/**
 * A history as its judges see it: what people did in two systems, in order, and how everything stood at the end. Nothing here
 * knows how the hub works. A thing is what a person means by "this event": its name is part of its text in every system, nobody
 * edits it, so copies of a thing can be counted whatever ids they have.
 */

export type SideName = 'source' | 'target';

/** Values by field; every value that a person types is new in the history, so that a value tells whose edit it is. `null`: empty. */
export interface Fields {
  readonly [field: string]: string | null;
}

interface ActOf {
  /** Position in the history; a later act has a larger one. */
  readonly at: number;
  /** The system in which the person acted. */
  readonly side: SideName;
  readonly thing: string;
}

/** What a person did. Acts on a thing that does not stand there are not recorded, they did not happen. */
export type Act =
  /** A new item: all its fields, and in the source whether it is approved from the start. */
  | (ActOf & { readonly verb: 'add'; readonly fields: Fields; readonly approved: boolean })
  /** Changed fields only; `saw` holds the values that stood there the moment before. */
  | (ActOf & { readonly verb: 'edit'; readonly fields: Fields; readonly saw: Fields })
  | (ActOf & { readonly verb: 'remove'; readonly saw: Fields })
  /** Source only: whether the thing belongs into the target. `reject` and `archive` say no whatever the approval says. */
  | (ActOf & { readonly verb: 'approve' | 'unapprove' | 'reject' | 'archive' })
  /** Makes the item unreadable (no title), or readable again. */
  | (ActOf & { readonly verb: 'spoil' | 'mend' });

export interface Standing {
  readonly fields: Fields;
  /** Source: it belongs into the target. Target: always true. */
  readonly belongs: boolean;
  readonly readable: boolean;
}

export interface End {
  /** Items by thing: more than one where it was doubled. */
  readonly source: ReadonlyMap<string, readonly Standing[]>;
  readonly target: ReadonlyMap<string, readonly Standing[]>;
  /** Things that the hub itself names as open: a person must answer, it failed, it waits, or a create is in doubt. */
  readonly open: ReadonlyMap<string, { readonly state: 'parked' | 'failed' | 'waiting' | 'doubt'; readonly code: string }>;
}

/** What the site has chosen, in the words of the connector's README. */
export interface House {
  readonly policy: 'moderated' | 'two-way' | 'mirror' | 'one-way';
  /** Whether new items of the target come to the source, unapproved. */
  readonly imports: boolean;
  /** What a deletion in the target may do to the source's item: `withdraw` archives what is pending, `archive` what the policy lets it. */
  readonly deletes: 'never' | 'withdraw' | 'archive';
  readonly rejectedWithdraws: boolean;
  /** Whether the target (and the source, for imports) can tell after a lost answer what it made: without that, doubles are parked, never made. */
  readonly power: 'own-id' | 'find' | 'idempotency-key' | 'none';
}

export interface History {
  readonly house: House;
  readonly acts: readonly Act[];
  readonly end: End;
  /** Things whose item was made by the hub and removed by a person before the hub could record that it had made it: nobody can know. */
  readonly unsure?: ReadonlySet<string> | undefined;
}

/** A promise that did not hold, for one thing. */
export interface Wrong {
  readonly rule: string;
  readonly thing: string;
  readonly detail: string;
}
