/**
 * Refuses to test on another Node than the one that runs in production: npm 12 skips the install script of the `node`
 * package silently, and the host's Node would be used instead.
 */
const wanted = 24;

export default function refuseOtherNode(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major !== wanted) {
    throw new Error(`The tests need Node ${wanted}, this is ${process.version}. Run them with "npm test" after "npm ci", which brings its own Node.`);
  }
}
