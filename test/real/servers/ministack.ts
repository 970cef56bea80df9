/**
 * AWS on loopback: ministack from PyPI (1.5.33 when this was written), every service that we use on one port, functions as processes of this
 * machine's Node. No container engine. It checks no permissions, so what a role may do is the template tests' business, and of alarms it
 * knows those of a single metric.
 */
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { PackagesUnreachable } from './packages.ts';
import { baseEnvironment, freePort, ProgramFailed, runProgram, startServer, temporaryFolder, type Program } from './processes.ts';

export interface Ministack {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** What the CDK's command line and the SDK need to find it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

export const account = '000000000000';
export const region = 'us-east-1';
const version = '1.5.33';
const installWithinMs = 10 * 60_000;
const unreachable = /No matching distribution|Could not find a version|ConnectionError|Temporary failure in name resolution|Network is unreachable|Connection refused|Max retries exceeded|ReadTimeout/;

export async function startMinistack(): Promise<Ministack> {
  const program = await ensureMinistack();
  const home = temporaryFolder('ministack');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const credentials = { AWS_ACCESS_KEY_ID: account, AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: region, AWS_DEFAULT_REGION: region, AWS_S3_FORCE_PATH_STYLE: '1', AWS_ENDPOINT_URL: endpoint };
  const server = await startServer({
    name: 'ministack', command: program, args: [], folder: home,
    // Its functions run on the Node that comes first in the path: this one.
    env: { ...baseEnvironment(), PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter), HOME: home, GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1', IOT_MTLS_ENABLED: '0' },
    logFile: join(home, 'ministack.log'),
  }, { readyWithinMs: 60_000, isReady: async () => (await fetch(`${endpoint}/health`)).ok });
  return { endpoint, env: { ...baseEnvironment(), HOME: home, ...credentials, CI: '1', CDK_DISABLE_VERSION_CHECK: '1' }, stop: () => server.stop() };
}

/** In a virtual environment of its own beside the other downloads. @throws PackagesUnreachable */
async function ensureMinistack(): Promise<string> {
  const folder = join(import.meta.dirname, '..', '.cache', `ministack-${version}`);
  const program = join(folder, 'bin', 'ministack');
  if (existsSync(program)) return program;
  await runProgram(step('python3 -m venv', 'python3', ['-m', 'venv', folder]), { withinMs: installWithinMs });
  try {
    await runProgram(step('pip install', join(folder, 'bin', 'pip'), ['install', '--quiet', `ministack==${version}`]), { withinMs: installWithinMs });
  } catch (cause) {
    if (cause instanceof ProgramFailed && unreachable.test(cause.lastLines)) throw new PackagesUnreachable({ server: 'ministack', because: 'pip install failed' }, { cause });
    throw cause;
  }
  return program;
}

function step(name: string, command: string, args: readonly string[]): Program {
  return { name, command, args: [...args], folder: import.meta.dirname, env: baseEnvironment(), logFile: join(temporaryFolder('pip'), 'pip.log') };
}
