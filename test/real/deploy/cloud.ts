/**
 * The hub in the emulated cloud, with simulated systems on loopback beside it, in the words of the story: deploy a stage, tell it its
 * credentials, tick, ask over HTTP, look into the calendar. One cloud for the whole story.
 */
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildFunctions, bundleFolder } from '../../../bin/bundles.ts';
import { systemClock } from '../../../shared/base/clock.ts';
import { fieldsOf } from '../../../shared/base/fields-of.ts';
import { apiSecretName, deadLetterQueueName, functionName, planFunction, queueName, secretName, stackName } from '../../../shared/base/names.ts';
import type { Role } from '../../../shared/hub/api/route.ts';
import { signToken } from '../../../shared/hub/api/sign-in.ts';
import { simulateDirectus, type SimulatedDirectus } from '../../../shared/simulators/directus.ts';
import { simulateNextcloud } from '../../../shared/simulators/nextcloud.ts';
import type { CalendarByHand } from '../../../shared/simulators/nextcloud-person.ts';
import { serve } from '../../../shared/simulators/serve.ts';
import { simulatedWorld } from '../../../shared/simulators/world.ts';
import { startMinistack, type Ministack } from '../servers/ministack.ts';
import { baseEnvironment, runProgram, temporaryFolder } from '../servers/processes.ts';
import { awsCalls, type Aws } from './aws-calls.ts';

export const connector = 'directus-nextcloud';
export const stage = 'dev';
export const webhookSecret = 'what-the-flow-sends-along';

export interface HttpAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface Cloud {
  readonly aws: Aws;
  readonly directus: SimulatedDirectus;
  readonly calendar: CalendarByHand;
  /** `cdk` with these words. @throws ProgramFailed with its last lines. */
  cdk(words: readonly string[], options?: { readonly code?: 'as it is' | 'changed' }): Promise<void>;
  /** The output of a stack, as the last deploy told it. */
  output(stack: string, name: string): string;
  /** Puts the credentials of the simulated systems into the connector's secret, beside its key. */
  tellCredentials(): Promise<void>;
  /** As the schedule does; waits for the plan function's answer, and for another run that is under way. */
  tick(): Promise<unknown>;
  request(method: string, path: string, options?: { readonly as?: Role; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }): Promise<HttpAnswer>;
  /** Switches off and on what hands the messages of the connector's queue to its apply function. */
  feed(isOn: boolean): Promise<void>;
  queueUrl(which: 'apply' | 'dead letters'): Promise<string>;
  waiting(): Promise<number>;
  titles(): readonly string[];
  stop(): Promise<void>;
}

export async function startCloud(): Promise<Cloud> {
  const ministack = await startMinistack();
  const world = simulatedWorld({ clock: systemClock });
  const directus = simulateDirectus(world);
  const nextcloud = simulateNextcloud(world);
  const [items, calendars] = await Promise.all([directus, nextcloud].map((system) => serve(system.fetch, { port: 0 })));
  assert.ok(items && calendars);
  const calendar = nextcloud.calendar('events');
  const aws = awsCalls(ministack);
  const program = cdkOf(ministack);
  const queueUrl = async (which: 'apply' | 'dead letters'): Promise<string> =>
    String(fieldsOf(await aws.json('sqs', 'GetQueueUrl', { QueueName: which === 'apply' ? queueName(stage, connector) : deadLetterQueueName(stage) }))['QueueUrl']);

  return {
    aws, directus, calendar, cdk: program.run, output: program.output, queueUrl,
    tellCredentials: async () => {
      const SecretId = secretName(stage, connector);
      const values = {
        ...(await secretOf(aws, SecretId)),
        DIRECTUS_API_URL: items.url, DIRECTUS_API_TOKEN: directus.token, DIRECTUS_WEBHOOK_SECRET: webhookSecret,
        NEXTCLOUD_URL: calendars.url + new URL(nextcloud.homeUrl).pathname, NEXTCLOUD_USERNAME: nextcloud.user, NEXTCLOUD_PASSWORD: nextcloud.password,
      };
      await aws.json('secretsmanager', 'PutSecretValue', { SecretId, SecretString: JSON.stringify(values) });
    },
    tick: async () => {
      const event: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../../events/schedule-tick.json'), 'utf8'));
      let answer: unknown;
      // Another run may be under way: of the deployed schedule at the full hour, or one that a worker's end has started.
      await soon('a tick is a run', async () => fieldsOf((answer = await aws.invoke(functionName(stage, planFunction(connector)), event)))['kind'] === 'report');
      return answer;
    },
    request: async (method, path, { as, headers, body } = {}) => {
      // The output's address is one of AWS' own; the emulator answers for it under a path of its own.
      const [id] = new URL(program.output(stackName(stage), 'Url')).hostname.split('.');
      const token = as === undefined ? undefined : await aToken(aws, as);
      const answer = await fetch(`${ministack.url}/_aws/execute-api/${id}/$default${path}`, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: await answer.json() };
    },
    feed: async (isOn) => {
      const { body } = await aws.rest({ service: 'lambda', method: 'GET', path: '/2015-03-31/event-source-mappings/' });
      const { EventSourceMappings: all } = fieldsOf(body);
      const mapping = (Array.isArray(all) ? all : []).map(fieldsOf).find(({ EventSourceArn }) => String(EventSourceArn).endsWith(`:${queueName(stage, connector)}`));
      await aws.rest({ service: 'lambda', method: 'PUT', path: `/2015-03-31/event-source-mappings/${String(mapping?.['UUID'])}`, body: { Enabled: isOn } });
    },
    waiting: async () => {
      const { Attributes } = fieldsOf(await aws.json('sqs', 'GetQueueAttributes', { QueueUrl: await queueUrl('apply'), AttributeNames: ['ApproximateNumberOfMessages'] }));
      return Number(fieldsOf(Attributes)['ApproximateNumberOfMessages']);
    },
    titles: () => calendar.objects.all().map(({ text }) => /^SUMMARY:(.*?)\r?$/m.exec(text)?.[1] ?? '').sort((a, b) => a.localeCompare(b)),
    stop: async () => {
      await ministack.stop();
      await Promise.all([items.close(), calendars.close()]);
    },
  };
}

async function secretOf(aws: Aws, SecretId: string): Promise<Readonly<Record<string, unknown>>> {
  return fieldsOf(JSON.parse(String(fieldsOf(await aws.json('secretsmanager', 'GetSecretValue', { SecretId }))['SecretString'])));
}

async function aToken(aws: Aws, role: Role): Promise<string> {
  const { CONCORD_JWT_SECRET: secret } = await secretOf(aws, apiSecretName(stage));
  return signToken(String(secret), { roles: [role], name: 'a test', nowMs: systemClock.now(), forMs: 600_000 });
}

function cdkOf({ environment, account, region }: Ministack): Pick<Cloud, 'output'> & { readonly run: Cloud['cdk'] } {
  const home = temporaryFolder('cdk');
  const own = baseEnvironment();
  const outputs = join(home, 'outputs.json');
  const root = join(import.meta.dirname, '../../..');
  return {
    run: async (words, { code = 'as it is' } = {}) => {
      const [command = '', ...rest] = words;
      await runProgram({
        name: `cdk ${words.join(' ')}`,
        command: process.execPath,
        args: [join(root, 'node_modules/aws-cdk/bin/cdk'), command, ...rest, ...(command === 'deploy' ? ['--require-approval', 'never', '--outputs-file', outputs] : []), '--app', 'node test/real/deploy/app.ts', '--output', join(home, 'out'), '--ci', '--no-notices'],
        folder: root,
        env: {
          ...own, ...environment, NO_PROXY: '127.0.0.1', HOME: home,
          PATH: [dirname(process.execPath), own['PATH'] ?? ''].join(delimiter),
          CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region, CDK_DISABLE_CLI_TELEMETRY: 'true', CONCORD_TEST_BUNDLES: await bundlesIn(home, code),
        },
        logFile: join(home, 'cdk.log'),
      }, { withinMs: 120_000 });
    },
    output: (stack, name) => String(fieldsOf(fieldsOf(JSON.parse(readFileSync(outputs, 'utf8')))[stack])[name]),
  };
}

/** A copy, because whoever else builds here replaces the folder that is built into. */
async function bundlesIn(home: string, code: 'as it is' | 'changed'): Promise<string> {
  const folder = join(home, code.replaceAll(' ', '-'));
  if (existsSync(folder)) return folder;
  const built = await buildFunctions();
  mkdirSync(folder);
  for (const { name } of built) cpSync(bundleFolder(name), join(folder, name), { recursive: true });
  if (code === 'changed') for (const name of readdirSync(folder)) appendFileSync(join(folder, name, 'index.mjs'), '\n// a later release\n');
  return folder;
}

/** Asks again and again: what it waits for happens in other processes, which tell nobody. */
export async function soon(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const until = performance.now() + soonMs;
  while (!(await holds())) {
    if (performance.now() > until) assert.fail(`after ${soonMs / 1000} s it is still not so that ${what}`);
    await delay(200);
  }
}

const soonMs = 60_000; // most takes one or two seconds on an idle machine, a tick of the emulator's scheduler up to twenty
