/**
 * `npm run bench -- <name> [--json]`: prints figures, one JSON object a line with `--json`, a table line without.
 * Machines are shared and noisy: compare within one run and trust ratios and counts more than seconds.
 */
import { parseArgs } from 'node:util';
import bundles from './bundles.ts';
import cost from './cost.ts';
import diff from './diff.ts';
import directusNextcloudBench from './directus-nextcloud.ts';
import type { Figure, Print } from './figures.ts';
import libcalPassagePointBench from './libcal-passagepoint.ts';
import serviceReefNxtBench from './servicereef-nxt.ts';
import matchingBench from './matching.ts';
import peersBench from './peers.ts';

const benches: { readonly [name: string]: (print: Print) => void | Promise<void> } = {
  'directus-nextcloud': directusNextcloudBench,
  'libcal-passagepoint': libcalPassagePointBench,
  'servicereef-nxt': serviceReefNxtBench,
  bundles,
  cost,
  diff,
  matching: matchingBench,
  peers: peersBench,
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean', default: false } } });
const names = positionals.length > 0 ? positionals : Object.keys(benches);
const unknown = names.filter((name) => !benches[name]);
if (unknown.length > 0) {
  process.stderr.write(`no bench called ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}\n`);
  process.exit(2);
}

const print = (figure: Figure): void => {
  const beside = figure.minimum === undefined ? '' : `   minimum ${figure.minimum}   ratio ${figure.ratio}`;
  process.stdout.write(values.json ? `${JSON.stringify(figure)}\n` : `${figure.bench.padEnd(20)}${figure.case.padEnd(16)}${figure.figure.padEnd(16)}${String(figure.value).padStart(12)} ${figure.unit}${beside}\n`);
};
for (const name of names) await benches[name]?.(print);
