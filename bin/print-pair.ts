/**
 * Both values of the fields in question, side by side, as wide as the terminal is; one under the other where it is narrow. What an
 * event says comes from strangers: nothing in it may steer the terminal. Pure: data in, text out.
 */
import type { FieldShown, PairShown } from '../shared/hub/front-desk.ts';
import type { FieldValue } from '../shared/sync/item.ts';
import { shellWord } from './print.ts';

const narrowBelow = 60;
const gap = 2;

export function pairText(pair: PairShown, columns: number): string {
  const { connector, stream, id, state, problem, sides, conflict } = pair;
  const head = [`${connector}  ${stream} ${printable(id)}  ${state}${problem === undefined ? '' : `  ${problem.code}  ${printable(problem.message)}`}`];
  if (conflict === undefined) return [...head, `There are no two values to choose between.  -> ${adviceWithout(pair)}`].join('\n');
  head.push(`${conflict.code} since ${conflict.since}${state === 'parked' ? '' : '  (settled; as it was then)'}`, '');
  const shown = conflict.fields.map((field) => ({ ...field, source: valueText(field.source), target: valueText(field.target) }));
  const lines = columns < narrowBelow ? stacked(shown, sides, columns) : sideBySide(shown, sides, columns);
  return [...head, ...lines].join('\n');
}

function adviceWithout({ connector, id, state, problem }: PairShown): string {
  if (problem?.message.includes('--done') === true) return `when it is done: concord resolve ${connector} ${shellWord(id)} --done`;
  if (state === 'doubt') return `look whether it stands there, then: concord resolve ${connector} ${shellWord(id)} --done <its id there>, or --again`;
  if (state === 'parked' || state === 'failed' || state === 'waiting') return `mend it where it stands, then: concord replay ${connector} ${shellWord(id)}`;
  return `concord explain ${connector} ${shellWord(id)}`;
}

type Shown = Omit<FieldShown, 'source' | 'target'> & { readonly source: string; readonly target: string };

function sideBySide(fields: readonly Shown[], sides: PairShown['sides'], columns: number): string[] {
  const nameWidth = Math.max(...fields.map(({ field }) => field.length), 5);
  const width = Math.floor((columns - nameWidth - 2 * gap) / 2);
  const row = (name: string, left: string, right: string): string[] => {
    const [lefts, rights] = [wrapped(left, width), wrapped(right, width)];
    return Array.from({ length: Math.max(lefts.length, rights.length) }, (_, at) =>
      [(at === 0 ? name : '').padEnd(nameWidth), (lefts[at] ?? '').padEnd(width), rights[at] ?? ''].join(' '.repeat(gap)).trimEnd());
  };
  const rule = ['-'.repeat(nameWidth), '-'.repeat(width), '-'.repeat(width)].join(' '.repeat(gap));
  return [...row('', sides.source, sides.target), rule, ...fields.flatMap(({ field, source, target }) => row(field, source, target))];
}

function stacked(fields: readonly Shown[], sides: PairShown['sides'], columns: number): string[] {
  const part = (system: string, text: string): string[] => [`  ${system}:`, ...wrapped(text, columns - 4).map((line) => `    ${line}`)];
  return fields.flatMap(({ field, source, target }) => [field, ...part(sides.source, source), ...part(sides.target, target)]);
}

function valueText(value: FieldValue | undefined): string {
  if (value === undefined) return '(not known)';
  if (value === null || value === '') return '(empty)';
  if (Array.isArray(value)) return value.length === 0 ? '(none)' : value.map((one) => printable(String(one))).join(', ');
  return printable(String(value));
}

/** Control and direction characters as pictures of themselves; line ends, and what joins parts of one sign, stay. */
export const printable = (text: string): string =>
  text.replaceAll(/(?![\n\u200D])[\p{Cc}\p{Cf}]/gu, (found) => (found === '\t' ? ' ' : found < ' ' ? String.fromCodePoint(pictures + (found.codePointAt(0) ?? 0)) : '\uFFFD'));

const pictures = 0x2400;
const signs = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Lines of at most `width` signs, broken at blanks where there are some. */
export function wrapped(text: string, width: number): string[] {
  return text.split('\n').flatMap((line) => {
    const lines: string[] = [];
    let rest = Array.from(signs.segment(line), ({ segment }) => segment);
    while (rest.length > width) {
      const blank = rest.lastIndexOf(' ', width);
      const at = blank > 0 ? blank : width;
      lines.push(rest.slice(0, at).join(''));
      rest = rest.slice(blank > 0 ? at + 1 : at);
    }
    return [...lines, rest.join('')];
  });
}
