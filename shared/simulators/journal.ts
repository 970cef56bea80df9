/**
 * What a simulator was asked, in order, so that a test can say "one PUT" after it has said what the world looks like.
 * A call that never got an answer has the status 0; the fault that hit it stands beside it.
 */
import type { FaultKind } from './faults.ts';

export interface JournalEntry {
  readonly method: string;
  /** As sent, without host and query, still percent-encoded. */
  readonly path: string;
  /** With its leading question mark; empty when there was none. */
  readonly query: string;
  /** 0 where the caller got no answer. */
  readonly status: number;
  /** Epoch milliseconds of the answer. */
  readonly at: number;
  readonly fault?: FaultKind | undefined;
}

export interface Journal {
  readonly entries: readonly JournalEntry[];
  /** Entries whose method may change something; reading methods of HTTP, WebDAV and Directus are left out. */
  readonly writes: readonly JournalEntry[];
  /**
   * How many calls fit: all of them without an argument, by method (`PUT`), or by method and path (`PUT /events/:name`).
   * The path may be the whole one or its end; `:name` stands for one segment and a last `*` for any number of them.
   */
  count(what?: string): number;
  clear(): void;
}

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'REPORT', 'SEARCH']);

/** A journal and the function that writes into it. */
export function journal(): { journal: Journal; note: (entry: JournalEntry) => void } {
  let entries: JournalEntry[] = [];
  return {
    journal: {
      get entries() {
        return entries;
      },
      get writes() {
        return entries.filter(({ method }) => !readingMethods.has(method));
      },
      count(what) {
        if (what === undefined) return entries.length;
        const [method, pattern] = what.split(' ');
        const tail = pattern === undefined ? undefined : new RegExp(`${patternSource(pattern)}$`);
        return entries.filter((entry) => entry.method === method && (tail?.test(entry.path) ?? true)).length;
      },
      clear() {
        entries = [];
      },
    },
    note: (entry) => entries.push(entry),
  };
}

/** A path pattern as the inside of a regular expression; `:name` becomes a group of that name. */
export function patternSource(pattern: string): string {
  return pattern
    .split('/')
    .map((segment) => {
      if (segment === '*') return '.*';
      if (segment.startsWith(':')) return `(?<${segment.slice(1)}>[^/]+)`;
      return segment.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
    })
    .join('/');
}
