/**
 * What an exhibit of the museum is: a small story that has cost people data elsewhere, the one expression of ours that keeps it
 * from happening here, and a scenario that can tell the two worlds apart. Plain data; who runs it: museum.ts.
 */

/** The defence, and what stands in its place in a world that never thought of it. */
export interface Defence {
  /** Below `shared/`, with its ending. */
  readonly file: string;
  /** A short piece of the file's text that occurs exactly once. */
  readonly find: string;
  readonly replace: string;
}

export interface Exhibit {
  /** The failure, in a few words; unique in the museum. */
  readonly name: string;
  /** How it came about, and what was lost or doubled. */
  readonly story: string;
  readonly without: Defence;
  /**
   * Rejects with an AssertionError when the promise does not hold. The message names the damage first (lost, doubled, resurrected,
   * overwritten, shifted, unseen, restless), then says of what.
   */
  scenario(): Promise<void>;
}
