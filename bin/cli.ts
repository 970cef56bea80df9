#!/usr/bin/env node
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(`Concord needs Node 24 or newer, this is ${process.version}. "npm ci" brings its own: use "npx concord" or "npm start".\n`);
  process.exit(2);
}
// Loaded only now: an older Node would stumble over what stands there before it could say the above.
process.exitCode = await (await import('./main.ts')).main();
