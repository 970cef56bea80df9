/**
 * `npm run build`: the command line as two files, dist/cli.js and what it loads, which need nothing but Node 24. Prints their size.
 */
import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { zoneLists } from './bundle-diet.ts';

const outdir = 'dist';

rmSync(outdir, { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: ['bin/cli.ts'],
  outdir,
  bundle: true,
  splitting: true, // keeps the question for Node's version in front of what an older one cannot load
  chunkNames: '[name]-[hash]',
  platform: 'node',
  format: 'esm',
  target: 'node24',
  mainFields: ['module', 'main'],
  minifyWhitespace: true,
  minifySyntax: true, // but no identifiers: names of errors stay, stack traces can be read, and nothing has to be named again at each start
  metafile: true,
  plugins: [zoneLists],
  // CommonJS packages ask for Node's own modules with require, which a module does not have.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
});
chmodSync(`${outdir}/cli.js`, 0o755);
for (const [file, { bytes }] of Object.entries(metafile.outputs)) process.stdout.write(`${file}  ${Math.ceil(bytes / 1024)} KiB\n`);
