/**
 * The text forms: what an operator reads first. Reports and plans are here; status, explain and doctor in print-memory.ts.
 * Pure: data in, text out.
 */
import { adviceFor } from '../shared/base/help.ts';
import type { CatalogEntry } from '../shared/hub/catalog.ts';
import type { PlanCost } from '../shared/sync/cost.ts';
import type { PlannedChange, Problem, RunReport, StreamCounts } from '../shared/sync/report.ts';

const counted: readonly (keyof StreamCounts)[] = ['created', 'updated', 'deleted', 'linked', 'unchanged', 'waiting', 'failed', 'parked', 'doubt'];
const shownProblems = 50;
const shownLines = 200;

export function reportText(report: RunReport): string {
  const total = (name: keyof StreamCounts): number => Object.values(report.streams).reduce((sum, counts) => sum + counts[name], 0);
  const open = (['failed', 'waiting', 'parked', 'doubt'] as const).filter((name) => total(name) > 0).map((name) => `${total(name)} ${name === 'doubt' ? 'in doubt' : name}`);
  const state = [report.state, ...open].join(', ');
  return [`${report.connector}  run ${report.run}  ${state.padEnd(28)}  ${effort(report)}`, ...streamLines(report), ...heldLines(report), ...problemLines(report), ...resetLines(report)].join('\n');
}

/** What a plan would do, which item, and why; then what holds it back, and what is wrong already. */
export function planText(report: RunReport, entry: CatalogEntry): string {
  const head = report.planned === 0 ? 'nothing to do' : `${report.planned} ${report.planned === 1 ? 'change' : 'changes'}`;
  return [`${report.connector}  plan  ${head.padEnd(20)}  ${effort(report)}`, ...changeLines(report, entry), ...costLines(report), ...heldLines(report), ...problemLines(report), ...resetLines(report)].join('\n');
}

function effort({ durationMs, calls }: RunReport): string {
  const systems = Object.entries(calls).filter(([, count]) => count > 0);
  const sum = systems.reduce((total, [, count]) => total + count, 0);
  const split = systems.length > 0 ? ` (${systems.map(([system, count]) => `${system} ${count}`).join(', ')})` : '';
  return `${seconds(durationMs)}, ${sum} ${sum === 1 ? 'call' : 'calls'}${split}`;
}

const seconds = (ms: number): string => `${ms < 10_000 ? (ms / 1000).toFixed(1) : Math.round(ms / 1000)} s`;

function streamLines({ streams }: RunReport): string[] {
  const names = Object.entries(streams);
  const nameWidth = Math.max(14, ...names.map(([name]) => name.length));
  const readWidth = Math.max(3, ...names.map(([, { read }]) => String(read).length));
  const shown = counted.filter((name) => names.some(([, counts]) => counts[name] > 0));
  const widths = new Map(shown.map((name) => [name, Math.max(...names.map(([, counts]) => String(counts[name]).length))]));
  return names.map(([stream, counts]) => {
    const cells = shown.map((name) => (counts[name] > 0 ? `${name} ${String(counts[name]).padStart(widths.get(name) ?? 1)}` : ' '.repeat(name.length + 1 + (widths.get(name) ?? 1))));
    return `  ${stream.padEnd(nameWidth)} read ${String(counts.read).padStart(readWidth)}   ${cells.join('   ')}`.trimEnd();
  });
}

const resetLines = ({ resetsAt }: RunReport): string[] => (resetsAt === undefined ? [] : [`  the calls return at ${resetsAt}; the first run after that goes on where this one stopped`]);

function heldLines({ connector, held }: RunReport): string[] {
  if (held.length === 0) return [];
  return [
    ...held.map(({ stream, code, message }) => `  held    ${stream}  ${message}${because(code)}`),
    `          -> look at it: concord plan ${connector}     if it is meant: concord apply`,
  ];
}

const because = (code: string): string => {
  const advice = adviceFor(code);
  return advice === undefined ? '' : `\n          ${advice}`;
};

function problemLines({ connector, problems }: RunReport): string[] {
  const shown = problems.slice(0, shownProblems);
  const width = Math.max(0, ...shown.map((problem) => subject(problem).length));
  const codeWidth = Math.max(0, ...shown.map(({ code }) => code.length));
  const lines = shown.map((problem) => `  ${subject(problem).padEnd(width)}  ${problem.code.padEnd(codeWidth)}  ${problem.message}  -> ${nextStep(connector, problem)}`);
  return problems.length > shown.length ? [...lines, `  and ${problems.length - shown.length} more problems: concord status`] : lines;
}

const subject = ({ stream, id }: Problem): string => (stream === '*' ? id : `${stream} ${id}`);

function nextStep(connector: string, { stream, id, code }: Problem): string {
  if (stream === '*') return adviceFor(code) ?? 'concord doctor';
  return `concord ${askable.has(code) ? 'resolve' : 'explain'} ${connector} ${shellWord(id)}`;
}

/** Parked with both versions kept. */
const askable = new Set(['BOTH_EDITED', 'TARGET_EDITED', 'TO_AND_FRO']);

/** An id may hold blanks or quotes; what we print has to work when it is pasted. */
export const shellWord = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

function changeLines({ changes, planned }: RunReport, entry: CatalogEntry): string[] {
  const shown = changes.slice(0, shownLines);
  const idWidth = Math.max(0, ...shown.map(({ stream, id }) => stream.length + 1 + id.length));
  const placeWidth = Math.max(entry.sides.source.length, entry.sides.target.length);
  const lines = shown.map((change) => `  ${change.kind.padEnd(6)}  in ${entry.sides[change.side].padEnd(placeWidth)}  ${`${change.stream} ${change.id}`.padEnd(idWidth)}  ${why(change)}`);
  return planned > shown.length ? [...lines, `  and ${planned - shown.length} more`] : lines;
}

function costLines({ cost = {} }: RunReport): string[] {
  return Object.entries(cost).map(([system, one]) => `  Cost: about ${grouped(one.calls)} ${one.calls === 1 ? 'call' : 'calls'} to ${system}, ${one.minutes} ${one.minutes === 1 ? 'minute' : 'minutes'} at ${one.perSecond} a second${ofDay(one)}.`);
}

function ofDay({ shareOfDay, days }: PlanCost): string {
  if (shareOfDay === undefined) return '';
  const percent = shareOfDay < 0.01 ? 'under 1' : Math.floor(shareOfDay * 100);
  const share = `, ${percent} % of a day's quota`;
  return days === undefined ? share : `${share}: it spreads over ${days} days`;
}

/** 25 000, as everywhere in these texts. */
const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ' ');

const why = ({ fields, reason }: PlannedChange): string => (fields.length > 0 ? `${reason}: ${fields.join(', ')}` : reason);
