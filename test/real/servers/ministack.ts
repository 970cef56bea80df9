/**
 * An emulator of AWS on one loopback port (ministack from PyPI): CloudFormation, DynamoDB, SQS, Lambda as processes of this machine's Node,
 * HTTP APIs, secrets. It starts empty each time. Permissions are not enforced there, and it has no metric math in templates.
 */
import { dirname, delimiter, join } from 'node:path';
import { ensurePythonInstalled } from './packages.ts';
import { baseEnvironment, freePort, startServer, temporaryFolder } from './processes.ts';

export interface Ministack {
  readonly url: string;
  readonly account: string;
  readonly region: string;
  /** What a client of AWS has to find in its environment to end up here. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const account = '000000000000'; // an account number as access key is how it tells accounts apart
const region = 'eu-central-1';

export async function startMinistack(): Promise<Ministack> {
  const programs = await ensurePythonInstalled({ server: 'ministack', requirements: join(import.meta.dirname, 'ministack.txt') });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const home = temporaryFolder('ministack');
  const environment = {
    AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: account, AWS_SECRET_ACCESS_KEY: 'any', AWS_REGION: region, AWS_DEFAULT_REGION: region,
    AWS_S3_FORCE_PATH_STYLE: '1', // buckets have no host names of their own on loopback
  };
  const own = baseEnvironment();
  const server = await startServer(
    {
      name: 'ministack',
      command: join(programs, 'ministack'),
      args: [],
      folder: home,
      env: {
        ...own, ...environment,
        PATH: [dirname(process.execPath), own['PATH'] ?? ''].join(delimiter), // its functions run on the Node that runs us
        HOME: home, TMPDIR: home,
        GATEWAY_PORT: String(port), BIND_HOST: '127.0.0.1', MINISTACK_REGION: region, IOT_MTLS_ENABLED: '0',
      },
      logFile: join(home, 'ministack.log'),
    },
    { readyWithinMs: 60_000, isReady: async () => (await fetch(`${url}/_ministack/health`)).ok },
  );
  return { url, account, region, environment, stop: async () => server.stop() };
}
