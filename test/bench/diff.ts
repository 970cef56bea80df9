/**
 * How fast planning finds that nothing changed, and what a million links cost in memory. Items come parsed (10 fields, about
 * 400 bytes) without a version, so every whole digest is computed in the run; links are streamed from a SQLite file. The
 * files are filled by one process and planned by a fresh one, so that the memory figure is that of planning alone.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Print } from './figures.ts';
import { rounded } from './figures.ts';

const rounds = 3;

export default function diff(print: Print): void {
  const folder = mkdtempSync(join(tmpdir(), 'concord-bench-'));
  try {
    const speeds = Array.from({ length: rounds }, (_, round) => measure(folder, `unchanged-${round}`, 200_000).itemsPerSecond);
    print({ bench: 'diff', case: 'unchanged', figure: 'items_per_s', value: Math.round(speeds.sort((a, b) => a - b)[1] ?? 0), unit: 'items/s' });
    const million = measure(folder, 'million', 1_000_000);
    print({ bench: 'diff', case: 'million-links', figure: 'rss_mb', value: rounded(million.rssMb, 0), unit: 'MB' });
    print({ bench: 'diff', case: 'million-links', figure: 'items_per_s', value: Math.round(million.itemsPerSecond), unit: 'items/s' });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure(folder: string, name: string, count: number): { itemsPerSecond: number; rssMb: number } {
  const path = join(folder, `${name}.db`);
  worker('fill', path, count);
  const answer = worker('plan', path, count);
  rmSync(path, { force: true });
  return JSON.parse(answer);
}

function worker(step: 'fill' | 'plan', path: string, count: number): string {
  const script = join(import.meta.dirname, 'diff-worker.ts');
  const done = spawnSync(process.execPath, [script, step, path, String(count)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (done.status !== 0) throw new Error(`the ${step} step ended with ${done.status}`);
  return done.stdout;
}
