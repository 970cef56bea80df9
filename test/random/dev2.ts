import { crashPoints, crashPairs } from './crash-points.ts';
import { stories } from './stories.ts';
const pair = (process.argv[2] ?? 'notebooks') as 'notebooks';
for (const story of stories) { const t = performance.now(); const r = await crashPoints(pair, story); console.log(r.story, r.awaits, r.tried, r.wrong.length, (performance.now()-t).toFixed(0), 'ms'); for (const w of r.wrong.slice(0, 2)) console.log('    ', w.slice(0, 700)); }
