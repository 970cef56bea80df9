/** Cuts a list into groups that something with a limit can carry, in order and as few as that allows. */

export interface GroupLimits {
  /** Default: any number. */
  readonly countMax?: number | undefined;
  readonly sizeMax: number;
}

/** An item that is over the size by itself stands alone: whoever cannot carry it has to say so before. */
export function groupsWithin<T>(items: readonly T[], sizeOf: (item: T) => number, { countMax = Infinity, sizeMax }: GroupLimits): readonly (readonly T[])[] {
  const groups: T[][] = [];
  let filled = 0;
  for (const item of items) {
    const size = sizeOf(item);
    const open = groups.at(-1);
    if (open !== undefined && open.length < countMax && filled + size <= sizeMax) {
      open.push(item);
      filled += size;
    } else {
      groups.push([item]);
      filled = size;
    }
  }
  return groups;
}
