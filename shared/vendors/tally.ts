/**
 * Counts the rows of a listing whose pages are cut from a set that moves: a row that comes in meanwhile shows another one twice, one that
 * goes out hides another. Says which rows are new, and at the end whether silence about a row means anything.
 */

export interface ReadingProof {
  /** What the system last said that there are; undefined where it says nothing. */
  readonly total: number | undefined;
  /** Rows with an id, each once, those included that cannot be read. */
  readonly distinct: number;
  /** Rows without an id; one of them may have been on two pages. */
  readonly unnamed: number;
  /**
   * Every page declared the same total, and that many rows were seen, all with an id. Two moves that cancel each other still hide a row, so
   * that one reading alone is no proof of absence. Where rows without an id are a habit of the site, whoever knows that may judge by the sum.
   */
  readonly isComplete: boolean;
}

export interface Tally {
  /** Takes one page in. @returns those of its rows that were on no page before, and those without an id. */
  add<T extends { readonly id: string | undefined }>(total: number | undefined, rows: readonly T[]): readonly T[];
  proof(): ReadingProof;
}

export function tally(): Tally {
  const ids = new Set<string>();
  const totals = new Set<number | undefined>();
  let unnamed = 0;
  let total: number | undefined;

  function isNew(id: string | undefined): boolean {
    if (id === undefined) {
      unnamed += 1;
      return true;
    }
    if (ids.has(id)) return false;
    ids.add(id);
    return true;
  }

  return {
    add(declared, rows) {
      total = declared;
      totals.add(declared);
      return rows.filter(({ id }) => isNew(id));
    },
    proof: () => ({ total, distinct: ids.size, unnamed, isComplete: totals.size === 1 && unnamed === 0 && ids.size === total }),
  };
}
