/** What each function's bundle can call, beside what its role lets it call. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildFunctions, functionFiles, type Bundle } from '../../bin/bundles.ts';
import { knownConnectors } from '../../infra/settings.ts';
import { manualClock } from '../../shared/base/clock.ts';
import { silentLog } from '../../shared/base/log.ts';
import type { Table } from '../../shared/base/table.ts';
import { webhookPlane } from '../../shared/hub/api/webhook.ts';
import { recordLetters } from '../../shared/hub/aws-dead-letters.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { ofType, referred, resourcesOf, statementsOf } from './stacks.ts';

/** The permission that a call of the SDK asks for; a transaction asks for those of its parts. */
const asksFor: { readonly [command: string]: readonly string[] } = {
  GetItem: ['dynamodb:GetItem'], BatchGetItem: ['dynamodb:BatchGetItem'], Query: ['dynamodb:Query'], PutItem: ['dynamodb:PutItem'], DeleteItem: ['dynamodb:DeleteItem'],
  TransactWriteItems: ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'],
  SendMessageBatch: ['sqs:SendMessage'], SendMessage: ['sqs:SendMessage'], ReceiveMessage: ['sqs:ReceiveMessage'], DeleteMessage: ['sqs:DeleteMessage'], ChangeMessageVisibility: ['sqs:ChangeMessageVisibility'],
  Scan: [], DescribeEndpoints: [], // the SDK brings them along; that none of our files asks for them is looked at below
  GetSecretValue: ['secretsmanager:GetSecretValue'], PutSecretValue: ['secretsmanager:PutSecretValue'], UpdateSecretVersionStage: ['secretsmanager:UpdateSecretVersionStage'],
};

const tableReads = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const secretWrites = ['secretsmanager:PutSecretValue', 'secretsmanager:UpdateSecretVersionStage'];
const otherWrites = ['dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'];
/** In a bundle because a store is one piece, and called by nothing that runs there; what follows below proves it of the two that only put rows. */
const carriedOnly: { readonly [name: string]: readonly string[] } = {
  'dead-letter': [...tableReads, ...otherWrites],
  webhook: [...tableReads, ...otherWrites, ...secretWrites],
  api: [...secretWrites],
  // Messages are handed out by the platform, and no connector of this release has a token that it renews itself.
  ...Object.fromEntries(knownConnectors.flatMap((id) => [
    [`${id}-plan`, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', ...secretWrites]],
    [`${id}-apply`, ['sqs:ChangeMessageVisibility', ...secretWrites]],
  ])),
};
/** What the platform does in a function's name. */
const platform = ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

let bundles: readonly Bundle[];
const resources = resourcesOf({ connectors: knownConnectors.map((id) => ({ id, everyMinutes: 60, timeZone: 'Europe/Berlin' })) });

beforeAll(async () => {
  bundles = await buildFunctions({ write: false });
});

function callable({ inputs }: Bundle): ReadonlySet<string> {
  const actions = new Set<string>();
  for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
    const [, command] = /@aws-sdk\/client-[a-z-]+\/dist-es\/commands\/(\w+)Command\.js$/.exec(file) ?? [];
    if (command !== undefined && bytesInOutput > 0) for (const action of asksFor[command] ?? [`a permission that nobody has written down for ${command}`]) actions.add(action);
    if (file.endsWith('shared/stores/lambda-invoker.ts') && bytesInOutput > 0) actions.add('lambda:InvokeFunction');
  }
  return actions;
}

function granted(name: string): ReadonlySet<string> {
  const made = ofType(resources, 'AWS::Lambda::Function').find(({ properties: { FunctionName } }) => FunctionName === `concord-test-${name}`);
  const role = referred(made?.properties['Role']);
  return new Set(statementsOf(resources).filter((one) => one.role === role).flatMap(({ actions }) => actions.map(String)));
}

const names = [...functionFiles().keys()];

test('there is a function for each file, and both for each connector', () => {
  const made = ofType(resources, 'AWS::Lambda::Function').map(({ properties: { FunctionName } }) => String(FunctionName).replace('concord-test-', '')).sort();

  expect(made).toEqual([...names].sort());
  for (const id of knownConnectors) expect(names).toEqual(expect.arrayContaining([`${id}-plan`, `${id}-apply`]));
});

describe.each(names)('%s', (name) => {
  const bundle = (): Bundle => {
    const found = bundles.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} was not bundled`);
    return found;
  };

  test('may do everything that it calls', () => {
    expect([...callable(bundle())].filter((action) => !granted(name).has(action)).sort()).toEqual([...(carriedOnly[name] ?? [])].sort());
  });

  test('asks for nothing that the SDK only brings along', () => {
    const ours = Object.keys(bundle().inputs).filter((file) => file.startsWith('shared/')).map((file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));

    expect(ours.filter((text) => /\b(?:Scan|DescribeEndpoints)Command\b/.test(text))).toEqual([]);
  });

  test('may do nothing that it never calls', () => {
    expect([...granted(name)].filter((action) => !callable(bundle()).has(action) && !platform.includes(action))).toEqual([]);
  });

  test('holds no connector but its own, and no simulator', () => {
    const inside = Object.entries(bundle().inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
    const foreign = inside.filter((file) => /shared\/(?:connectors|vendors)\//.test(file) && !knownConnectors.some((id) => name.startsWith(id)));

    expect(foreign).toEqual([]);
    expect(inside.filter((file) => file.includes('shared/simulators/') || file.includes('sqlite'))).toEqual([]);
  });
});

async function no(): Promise<never> {
  throw new Error('its role does not let it');
}

/** Puts rows and refuses everything else, as the role does. */
function onlyPuts(): { readonly table: Table; readonly rows: () => Promise<number> } {
  const inner = sqliteTable({ path: ':memory:', clock: manualClock() });
  const table: Table = {
    get: no, getMany: no, query: no, queryHeads: no, queryIndex: no, writeGroups: no,
    write: (group) => (group.every(({ kind }) => kind === 'put') ? inner.write(group) : no()),
  };
  return { table, rows: async () => (await inner.query({ table: 'runs', pk: 'directus-nextcloud#hint' })).rows.length + (await inner.query({ table: 'runs', pk: 'directus-nextcloud#letter' })).rows.length };
}

test('a webhook needs no more than to put rows', async () => {
  const { table, rows } = onlyPuts();
  const answering = webhookPlane({ clock: manualClock(), log: silentLog, table, host: { nudge: async () => {} }, secrets: async () => ({ DIRECTUS_WEBHOOK_SECRET: 'invented-for-this-test' }) });
  const body = new TextEncoder().encode(JSON.stringify({ event: 'items.update', keys: ['1'] }));

  const answer = await answering({ method: 'POST', path: '/api/webhook/directus-nextcloud', query: {}, headers: { 'x-webhook-secret': 'invented-for-this-test' }, body, isTooLarge: false, requestId: 'r' });

  expect([answer.status, await rows()]).toEqual([202, 1]);
});

test('what gave up needs no more than to put rows', async () => {
  const { table, rows } = onlyPuts();

  const answer = await recordLetters({ table, clock: manualClock(), log: silentLog }, [{ messageId: 'm', body: JSON.stringify({ connector: 'directus-nextcloud', stream: 'events', plan: 'p', keys: ['k'] }), sentAt: 0, receiveCount: 6 }]);

  expect([answer.batchItemFailures, await rows()]).toEqual([[], 1]);
});
