import { notebookPair } from './notebook-pair.ts';
import { calendarPair } from './calendar-pair.ts';
import { judge } from './model.ts';
import { play } from './play.ts';
const from = Number(process.argv[2] ?? 1), count = Number(process.argv[3] ?? 100);
const byKind = new Map<string, number[]>();
let steps = 0, fired = 0, acts = 0; const t = performance.now();
for (let seed = from; seed < from + count; seed++) {
  try {
    const p = await play({ seed, pairOf: process.env['PAIR'] === 'c' ? calendarPair : notebookPair, judge });
    steps += p.steps; acts += p.acts; for (const n of p.fired.values()) fired += n;
    for (const b of p.broken) { const l = byKind.get(b.invariant) ?? []; l.push(seed); byKind.set(b.invariant, l); if (count <= 3) console.log(seed, b.invariant, b.detail); }
    if (count <= 3) { console.log([...p.fired], JSON.stringify(p.history.house)); for (const a of p.history.acts) console.log(JSON.stringify(a)); for (const l of p.links) { console.log(l.key, l.sourceId, l.targetId, l.origin, l.state, l.absent, l.versions, 'ours', l.ours, l.problem, l.pending?.plan, l.lives); for (const o of l.log) console.log('    ', new Date(o.at).toISOString(), o.run, o.kind, o.what, o.why); } console.log(JSON.stringify(Object.fromEntries(p.history.end.source)), JSON.stringify(Object.fromEntries(p.history.end.target)), JSON.stringify(Object.fromEntries(p.history.end.open))); }
    if (process.argv[4]) console.log(p.trace.join('\n'));
  } catch (e) { console.log(seed, 'THREW', e); if (count > 20) break; }
}
const ms = performance.now() - t;
for (const [k, l] of byKind) console.log(k, l.length, l.slice(0, 6).join(' '));
console.log((ms / count).toFixed(2), 'ms/history', (steps / count).toFixed(0), 'steps', (fired / count).toFixed(1), 'fired', (acts/count).toFixed(1), 'acts');
