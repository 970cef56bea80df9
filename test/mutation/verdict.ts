/**
 * What a mutation run comes to: counts, the score, and every survivor with the reason that somebody gave for it. An explained
 * survivor still counts as survived. Pure.
 */
import { inDrawingOrder, type Place } from './sample.ts';
import type { Sample } from './targets.ts';

/** A mutant and its fate, as Stryker tells it. */
export interface Fate extends Place {
  readonly mutatorName: string;
  readonly status: string;
}

/** A survivor that somebody looked at: `text` is the line where it begins, with the place marked, because line numbers move. */
export interface Explained {
  readonly file: string;
  readonly text: string;
  readonly mutation: string;
  readonly why: string;
}

export interface Survivor {
  readonly file: string;
  readonly line: number;
  readonly mutation: string;
  readonly why?: string | undefined;
}

export interface Verdict {
  readonly target: string;
  readonly mutants: number;
  readonly killed: number;
  readonly timedOut: number;
  readonly survived: number;
  readonly noCoverage: number;
  /** Killed and timed out, in per cent of the mutants, two digits. */
  readonly score: number;
  readonly survivors: readonly Survivor[];
}

export interface Judged {
  readonly verdict: Verdict;
  /** Explanations of mutants that were killed or are not there any more. */
  readonly stale: readonly Explained[];
}

/** Left out as Stryker does: mutants under which a test file cannot even load (`RuntimeError`); and what was not drawn (`CompileError`). */
export function judge(
  facts: { readonly target: string; readonly sample: Sample | undefined; readonly sources: ReadonlyMap<string, string> },
  fates: readonly Fate[],
  explained: readonly Explained[],
): Judged {
  const { target, sample, sources } = facts;
  const judged = fates.filter(({ status }) => ['Killed', 'Timeout', 'Survived', 'NoCoverage'].includes(status));
  // What no test reaches is never asked about: the draw is made again over everything that has a fate.
  const counted = sample ? inDrawingOrder(judged, sample.seed).slice(0, sample.max) : judged;
  const count = (status: string): number => counted.filter((mutant) => mutant.status === status).length;
  const used = new Set<Explained>();
  const survivors = counted
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map((mutant) => {
      const place = placeOf(mutant, sources.get(mutant.fileName) ?? '');
      const known = explained.find((one) => one.file === place.file && one.text === place.text && one.mutation === place.mutation);
      if (known) used.add(known);
      return { file: place.file, line: place.line, mutation: place.mutation, why: known?.why };
    })
    .toSorted((one, other) => one.file.localeCompare(other.file) || one.line - other.line);
  const [killed, timedOut] = [count('Killed'), count('Timeout')];
  const score = counted.length === 0 ? 0 : Math.round((10_000 * (killed + timedOut)) / counted.length) / 100;
  return {
    verdict: { target, mutants: counted.length, killed, timedOut, survived: count('Survived'), noCoverage: count('NoCoverage'), score, survivors },
    stale: sample ? [] : explained.filter((one) => one.file.startsWith(`shared/${target}/`) && !used.has(one)),
  };
}

/** Where a mutant stands, in words that hold when lines move. */
function placeOf({ fileName, location: { start, end }, replacement = '' }: Fate, source: string): { file: string; line: number; text: string; mutation: string } {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  const original = lines.map((line, at) => line.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : undefined)).join('\n');
  const [first = '', from, to] = [lines[0], start.column - 1, last > 0 ? undefined : end.column - 1];
  const text = `${first.slice(0, from)}⟪${first.slice(from, to)}⟫${to === undefined ? '' : first.slice(to)}`.trim();
  return { file: fileName, line: start.line, text, mutation: `${oneLine(original)} => ${oneLine(replacement)}` };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');
