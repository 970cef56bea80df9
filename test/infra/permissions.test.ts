/** What each function's bundle can call, beside what its role lets it call. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildFunctions, functionFiles, type Bundle } from '../../bin/bundles.ts';
import { knownConnectors, oauthConnectors } from '../../infra/settings.ts';
import { manualClock } from '../../shared/base/clock.ts';
import { fieldsOf } from '../../shared/base/fields-of.ts';
import { silentLog } from '../../shared/base/log.ts';
import type { Table } from '../../shared/base/table.ts';
import { oauthPlane } from '../../shared/hub/api/oauth.ts';
import { signToken } from '../../shared/hub/api/sign-in.ts';
import { webhookPlane } from '../../shared/hub/api/webhook.ts';
import { recordLetters } from '../../shared/hub/aws-dead-letters.ts';
import { sqliteTable } from '../../shared/stores/sqlite-table.ts';
import { memorySecrets } from '../http/token-samples.ts';
import { simulatedSky, skyApp, skyEntry } from '../samples/sky.ts';
import { ofType, referred, resourcesOf, statementsOf, type Resource, type Statement } from './stacks.ts';

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
  oauth: ['dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:ConditionCheckItem'],
  // Messages are handed out by the platform, and who has no token that it renews itself writes no secret.
  ...Object.fromEntries(knownConnectors.flatMap((id) => {
    const unused = oauthConnectors.includes(id) ? [] : secretWrites;
    return [
      [`${id}-plan`, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', ...unused]],
      [`${id}-apply`, ['sqs:ChangeMessageVisibility', ...unused]],
    ];
  })),
};
/** What the platform does in a function's name. */
const platform = ['logs:CreateLogStream', 'logs:PutLogEvents', 'xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

let bundles: readonly Bundle[];
const everywhere = knownConnectors.map((id) => ({ id, everyMinutes: 60, timeZone: 'Europe/Berlin' }));
/** All but those that people sign in for. */
const withoutOAuth = resourcesOf({ connectors: everywhere.filter(({ id }) => !oauthConnectors.includes(id)) });
/** With them there is a function for that. */
const resources = resourcesOf({ connectors: everywhere });
const functionsOf = (ids: readonly string[]): readonly string[] => ids.flatMap((id) => [`${id}-apply`, `${id}-plan`]);
const secretsOf = (ids: readonly string[]): readonly string[] => ids.map((id) => `concord/test/${id}`);

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

function statementsFor(name: string, among: readonly Resource[]): readonly Statement[] {
  const made = ofType(among, 'AWS::Lambda::Function').find(({ properties: { FunctionName } }) => FunctionName === `concord-test-${name}`);
  const role = referred(made?.properties['Role']);
  return statementsOf(among).filter((one) => one.role === role);
}

const granted = (name: string): ReadonlySet<string> => new Set(statementsFor(name, resources).flatMap(({ actions }) => actions.map(String)));

const names = [...functionFiles().keys()];

const functionsIn = (among: readonly Resource[]): readonly string[] => ofType(among, 'AWS::Lambda::Function').map(({ properties: { FunctionName } }) => String(FunctionName).replace('concord-test-', '')).sort();

test('there is a function for each file, and both for each connector; one for signing in only where that is wanted', () => {
  expect(functionsIn(resources)).toEqual([...names].sort());
  expect(functionsIn(withoutOAuth)).toEqual(names.filter((name) => !['oauth', ...functionsOf(oauthConnectors)].includes(name)).sort());
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

/** The ids of the secrets that a function may do this to. */
function secretsFor(name: string, action: string): readonly string[] {
  const arns = statementsFor(name, resources).filter(({ actions }) => actions.includes(action)).flatMap(({ resources: named }) => named.map(referred));
  return ofType(resources, 'AWS::SecretsManager::Secret').filter(({ id }) => arns.includes(id)).map(({ properties: { Name } }) => String(Name)).sort();
}

const oauthRoutesIn = (among: readonly Resource[]): readonly string[] => ofType(among, 'AWS::ApiGatewayV2::Route').map(({ properties: { RouteKey } }) => String(RouteKey)).filter((key) => key.includes('/oauth/')).sort();

describe('where people sign in for a connector', () => {
  test('its own functions may write its secret, and those of others still none', () => {
    const writers = functionsIn(resources).map((name) => ({ name, put: secretsFor(name, 'secretsmanager:PutSecretValue'), label: secretsFor(name, 'secretsmanager:UpdateSecretVersionStage') }));
    const expected = [{ name: 'oauth', ids: oauthConnectors }, ...oauthConnectors.flatMap((id) => functionsOf([id]).map((name) => ({ name, ids: [id] })))].sort((left, right) => (left.name < right.name ? -1 : 1));

    expect(writers.filter(({ put, label }) => put.length + label.length > 0)).toEqual(expected.map(({ name, ids }) => ({ name, put: secretsOf(ids), label: secretsOf(ids) })));
  });

  test('the function for signing in reads the secrets of such connectors and of the API, no other, and touches rows of one table, one by one', () => {
    const rows = statementsFor('oauth', resources).filter(({ actions }) => actions.some((action) => String(action).startsWith('dynamodb:')));

    expect(secretsFor('oauth', 'secretsmanager:GetSecretValue')).toEqual(secretsOf(['api', ...oauthConnectors]));
    expect(rows.map(({ actions }) => actions)).toEqual([['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem']]);
    expect(JSON.stringify(rows[0]?.resources)).toContain('"Runs');
    expect(statementsFor('oauth', resources).flatMap(({ actions }) => actions).filter((action) => String(action).startsWith('lambda:') || String(action).startsWith('sqs:'))).toEqual([]);
  });

  test('its two addresses have limits of their own, and are there only then', () => {
    const [stage] = ofType(resources, 'AWS::ApiGatewayV2::Stage');

    expect([oauthRoutesIn(withoutOAuth), oauthRoutesIn(resources)]).toEqual([[], ['GET /oauth/{system}/callback', 'GET /oauth/{system}/start']]);
    expect(Object.keys(fieldsOf(stage?.properties['RouteSettings']))).toEqual(expect.arrayContaining([...oauthRoutesIn(resources)]));
  });
});

test('no function of a connector without OAuth, and none of the HTTP side but its own, holds anything of it', () => {
  const holders = bundles.filter(({ inputs }) => Object.entries(inputs).some(([file, { bytesInOutput }]) => bytesInOutput > 0 && /shared\/(?:http\/(?:oauth|refresh-request|token-saving|kept-tokens)|hub\/(?:oauth-system|api\/oauth\.ts)|stores\/(?:renewal-leases|consent-states))/.test(file)));

  expect(holders.map(({ name }) => name).sort()).toEqual(['oauth', ...functionsOf(oauthConnectors)].sort());
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

test('a sign-in needs no more than to read, put and delete rows one by one', async () => {
  const clock = manualClock();
  const inner = sqliteTable({ path: ':memory:', clock });
  const table: Table = { get: (key) => inner.get(key), getMany: no, query: no, queryHeads: no, queryIndex: no, writeGroups: no, write: (group) => (group.length === 1 ? inner.write(group) : no()) };
  const sky = simulatedSky(clock);
  const secrets = memorySecrets({ ...skyApp, SKY_REDIRECT_URI: 'https://hub.example.org/oauth/sky/callback' });
  const jwtSecret = 'invented for this test '.repeat(2);
  const answering = oauthPlane({ clock, log: silentLog, table, fetch: sky.fetch, secrets, secretName: (connector) => `concord/test/${connector}`, variables: {}, entries: [skyEntry], random: () => 'a-state', apiSecrets: async () => ({ jwtSecret, apiKeys: [], keyRoles: [] }) });
  const authorization = `Bearer ${await signToken(jwtSecret, { roles: ['admin'], name: 'ada', nowMs: clock.now(), forMs: 60_000 })}`;
  const ask = (path: string, query: { readonly [name: string]: string }) => answering({ method: 'GET', path, query, headers: { authorization }, body: new Uint8Array(), isTooLarge: false, requestId: 'r' });

  const begun = await ask('/oauth/sky/start', {});
  const back = await ask('/oauth/sky/callback', Object.fromEntries(new URL(sky.consentAt(begun.headers['location'] ?? '')).searchParams));

  expect([begun.status, back.status, secrets.values()['SKY_REFRESH_TOKEN']]).toEqual([302, 200, expect.stringMatching(/^refresh-/)]);
});
