/**
 * Values in the order of their time, equal times in the order of arrival: a binary heap, so that a hundred thousand delayed
 * messages cost no more to look through than ten.
 */
export interface Timeline<T> {
  add(at: number, value: T): void;
  first(): { readonly at: number; readonly value: T } | undefined;
  takeFirst(): T | undefined;
  /** Takes any value by its place in memory, 0 to size - 1: a fair draw, in no order. */
  takeAt(place: number): T | undefined;
  size(): number;
}

interface Moment<T> {
  readonly at: number;
  readonly arrival: number;
  readonly value: T;
}

export function timeline<T>(): Timeline<T> {
  const heap: Moment<T>[] = [];
  let arrivals = 0;

  const isBefore = (left: Moment<T>, right: Moment<T>): boolean => left.at < right.at || (left.at === right.at && left.arrival < right.arrival);

  function rise(from: number, moment: Moment<T>): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(moment, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = moment;
  }

  function sink(from: number, moment: Moment<T>): void {
    let place = from;
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      if (left === undefined) break;
      const rightIsFirst = right !== undefined && isBefore(right, left);
      const child = rightIsFirst ? right : left;
      if (!isBefore(child, moment)) break;
      heap[place] = child;
      place = 2 * place + (rightIsFirst ? 2 : 1);
    }
    heap[place] = moment;
  }

  function takeAt(place: number): T | undefined {
    const taken = heap[place];
    if (taken === undefined) return undefined;
    const last = heap.pop();
    if (last !== undefined && last !== taken) {
      sink(place, last);
      const settled = heap[place];
      if (settled === last) rise(place, last);
    }
    return taken.value;
  }

  return {
    add: (at, value) => {
      arrivals += 1;
      rise(heap.length, { at, arrival: arrivals, value });
    },
    first: () => heap[0],
    takeFirst: () => takeAt(0),
    takeAt,
    size: () => heap.length,
  };
}
