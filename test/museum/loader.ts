/**
 * Loads a second copy of the hub into this process in which one defence is missing. Production code knows nothing of it: a
 * module whose address says `?without=<name>` hands that on to every file of the project that it imports, and in the one file
 * that holds the defence the text is replaced before it is compiled. Packages are shared by all copies.
 */
import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Defence } from './exhibit.ts';

export interface Loader {
  /**
   * The module, and everything of the project below it, as it would be without that defence.
   * @throws Error when the text is not there exactly once, or when the module never imports the file that holds it.
   */
  loadWithout(moduleUrl: string, name: string, defence: Defence): Promise<unknown>;
  /** Ends it for everything that is imported from now on. */
  close(): void;
}

const root = pathToFileURL(join(import.meta.dirname, '../..')).href;
const mark = 'without';

interface Copy {
  /** The file that holds the defence. */
  readonly patchedUrl: string;
  readonly text: string;
  isPatched: boolean;
}

export function loader(): Loader {
  const copies = new Map<string, Copy>();
  const hooks = registerHooks({
    resolve(specifier, context, nextResolve) {
      const found = nextResolve(specifier, context);
      const name = nameOf(context.parentURL);
      if (name === undefined || !copies.has(name) || !isOfTheProject(found.url)) return found;
      return { ...found, url: tagged(found.url, name) };
    },
    load(url, context, nextLoad) {
      const name = nameOf(url);
      const copy = name === undefined ? undefined : copies.get(name);
      if (copy === undefined) return nextLoad(url, context);
      const plainUrl = untagged(url);
      const isPatchedFile = plainUrl === copy.patchedUrl;
      if (isPatchedFile) copy.isPatched = true;
      const text = isPatchedFile ? copy.text : readFileSync(fileURLToPath(plainUrl), 'utf8');
      return { format: 'module', source: stripTypeScriptTypes(text), shortCircuit: true };
    },
  });
  return {
    async loadWithout(moduleUrl, name, defence) {
      if (copies.has(name)) throw new Error(`the museum has two exhibits called ${name}`);
      const patchedUrl = `${root}/shared/${defence.file}`;
      const copy: Copy = { patchedUrl, text: patchedText(readFileSync(fileURLToPath(patchedUrl), 'utf8'), defence), isPatched: false };
      copies.set(name, copy);
      const loaded: unknown = await import(tagged(moduleUrl, name));
      if (!copy.isPatched) throw new Error(`${name}: its scenario never imports shared/${defence.file}`);
      return loaded;
    },
    close: () => hooks.deregister(),
  };
}

/** @throws Error when the defence's text does not occur exactly once: it has moved, and the exhibit has to follow it. */
export function patchedText(source: string, { file, find, replace }: Defence): string {
  const [before, after, ...more] = source.split(find);
  const count = find === '' ? 0 : source.split(find).length - 1;
  if (count !== 1 || before === undefined || after === undefined || more.length > 0) {
    throw new Error(`shared/${file} holds this text ${count} times, not once: ${find}`);
  }
  return before + replace + after;
}

const isOfTheProject = (url: string): boolean => url.startsWith(`${root}/`) && !url.includes('/node_modules/') && untagged(url).endsWith('.ts');

const nameOf = (url: string | undefined): string | undefined => (url?.startsWith('file:') ? (new URL(url).searchParams.get(mark) ?? undefined) : undefined);

function tagged(url: string, name: string): string {
  const address = new URL(url);
  address.searchParams.set(mark, name);
  return address.href;
}

function untagged(url: string): string {
  const address = new URL(url);
  address.search = '';
  return address.href;
}
