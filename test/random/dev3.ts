import { playSeed } from './play-seed.ts';
const [from, count, step] = [Number(process.argv[2]), Number(process.argv[3]), Number(process.argv[4] ?? 1)];
for (let s = from; s < from + count; s += step) { const p = await playSeed(s); for (const b of p.broken) console.log(s, p.pair, b.invariant, b.detail.slice(0, 160), [...p.fired.keys()].join()); }
