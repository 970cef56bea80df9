#!/usr/bin/env -S node --min-semi-space-size=32 --max-semi-space-size=32
// The flags: a run that starts allocates 25 to 40 MB at once, and with Node's usual nursery an eighth of its CPU was collecting them. With this one it is not collected at all.
import module from 'node:module';

if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`Concord needs Node 24 or newer, this is ${process.version}. "npm ci" brings its own: use "npx concord" or "npm start".\n`);
  process.exit(2);
}
// Keeps what Node compiled in its folder for temporary files: half of a short run was stripping types (0.42 s to 0.19 s, measured).
module.enableCompileCache();
// Loaded only now: an older Node would stumble over what stands there before it could say the above.
const code = await (await import('./main.ts')).main();
// Once all is written: Node would take a heap apart that nobody needs any more (a thirtieth of a quiet run), or wait for a connection that is only kept.
process.stdout.write('', () => process.exit(code));
