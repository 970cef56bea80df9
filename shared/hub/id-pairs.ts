/**
 * Reads a file of pairs, source id and target id, as a person or another tool has written it: CSV (commas, semicolons or tabs; quotes
 * where needed; a heading may stand first) or JSON (an object from source to target, a list of pairs, or of `{"source", "target"}`). Pure.
 */
import { ConfigurationInvalid } from '../base/errors.ts';

export interface IdPair {
  readonly source: string;
  readonly target: string;
}

const shownProblems = 20;

/** @throws ConfigurationInvalid that lists what is wrong, with its place: the first twenty. */
export function parsePairs(text: string): readonly IdPair[] {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const rows = /^[[{]/.test(trimmed) ? jsonRows(trimmed) : csvRows(trimmed);
  const problems: string[] = [];
  const seen = { source: new Map<string, string>(), target: new Map<string, string>() };
  const pairs = rows.flatMap(({ place, cells }): IdPair[] => {
    const [source = '', target = '', ...more] = cells.map((cell) => cell.trim());
    if (source === '' || target === '' || more.some((cell) => cell !== '')) {
      problems.push(`${place}: has to hold a source id and a target id, and nothing else`);
      return [];
    }
    const pair = { source, target };
    for (const side of ['source', 'target'] as const) {
      const before = seen[side].get(pair[side]);
      if (before !== undefined) problems.push(`${place}: the ${side} id stands in ${before} already, and an item has one partner`);
      seen[side].set(pair[side], place);
    }
    return [pair];
  });
  if (pairs.length === 0 && problems.length === 0) problems.push('the file holds no pairs');
  if (problems.length > 0) throw new ConfigurationInvalid(problems.length > shownProblems ? [...problems.slice(0, shownProblems), `and ${problems.length - shownProblems} more`] : problems);
  return pairs;
}

interface PairRow {
  readonly place: string;
  readonly cells: readonly string[];
}

function jsonRows(text: string): readonly PairRow[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ConfigurationInvalid(['the file is not valid JSON; look for a missing comma or quote'], { cause: error });
  }
  const entries: readonly unknown[] = Array.isArray(json) ? json : Object.entries(json ?? {});
  return entries.map((entry, at) => ({ place: `entry ${at + 1}`, cells: cellsOf(entry) }));
}

function cellsOf(entry: unknown): readonly string[] {
  const cells: readonly unknown[] = Array.isArray(entry) ? entry : typeof entry === 'object' && entry !== null && 'source' in entry && 'target' in entry ? [entry.source, entry.target] : [];
  return cells.map((cell) => (typeof cell === 'string' || typeof cell === 'number' ? String(cell) : ''));
}

const headings = new Set(['source', 'source id', 'source_id', 'sourceid', 'target', 'target id', 'target_id', 'targetid']);

function csvRows(text: string): readonly PairRow[] {
  const rows = text.split(/\r?\n/).map((line, at) => ({ place: `line ${at + 1}`, cells: cellsIn(line) })).filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  const isHeading = rows[0]?.cells.every((cell) => headings.has(cell.trim().toLowerCase())) ?? false;
  return isHeading ? rows.slice(1) : rows;
}

/** Ids hold no line ends, so a line is a row. */
function cellsIn(line: string): readonly string[] {
  const cells = `,${line}`.matchAll(/[,;\t](?:"((?:[^"]|"")*)"|([^,;\t]*))/g);
  return Array.from(cells, ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}
