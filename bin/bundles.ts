/**
 * The functions as the cloud gets them: each a folder with one module, which holds what its connector needs and no other. One call of
 * esbuild for all; the metafile beside them tells what went in, for the size budget and for the test of permissions.
 */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { allCuts, diet } from './bundle-diet.ts';

const root = join(import.meta.dirname, '..');
const outdir = join(root, 'dist', 'functions');

export const bundleFolder = (name: string): string => join(outdir, name);

/** By the function's name: `functions/<connector>/plan.ts` is `<connector>-plan`, `functions/api.ts` is `api`. */
export function functionFiles(): ReadonlyMap<string, string> {
  const files = readdirSync(join(root, 'functions'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map((file) => file.replaceAll('\\', '/')).sort();
  return new Map(files.map((file) => [file.replace(/\.ts$/, '').replaceAll('/', '-'), `functions/${file}`]));
}

export interface Bundle {
  readonly name: string;
  readonly bytes: number;
  readonly inputs: Metafile['outputs'][string]['inputs'];
}

/** @param options.write  false: only what they would be. @throws an Error when a package no longer holds what the diet takes out. */
export async function buildFunctions({ write = true }: { readonly write?: boolean } = {}): Promise<readonly Bundle[]> {
  const files = functionFiles();
  const { plugin, made } = diet();
  if (write) rmSync(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries([...files].map(([name, file]) => [`${name}/index`, file])),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    charset: 'utf8',
    legalComments: 'linked',
    sourcemap: 'linked', // with them a stack names our functions again, which minifying renames
    sourcesContent: false,
    metafile: true,
    write,
    plugins: [plugin],
    // CommonJS packages ask for Node's own modules with require, which a module does not have.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const missed = allCuts.filter((cut) => !made.has(cut));
  if (missed.length > 0) throw new Error(`the diet found nothing to take out: ${missed.join(' ')} (bin/bundle-diet.ts)`);
  if (write) writeFileSync(join(outdir, 'meta.json'), JSON.stringify(metafile));
  return bundlesIn(metafile);
}

export function bundlesIn({ outputs }: Metafile): readonly Bundle[] {
  return Object.entries(outputs).flatMap(([file, { bytes, inputs }]) => {
    const [, name] = /([^/]+)\/index\.mjs$/.exec(file) ?? [];
    return name === undefined ? [] : [{ name, bytes, inputs }];
  });
}

export const kib = (bytes: number): number => Math.ceil(bytes / 1024);

if (import.meta.main) for (const { name, bytes } of await buildFunctions()) process.stdout.write(`${name.padEnd(32)}${String(kib(bytes)).padStart(5)} KiB\n`);
