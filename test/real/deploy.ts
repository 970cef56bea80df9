/**
 * The hub as a site deploys it: the real command line of CDK into an emulator of AWS that never saw it, then every way to make it work.
 * The systems are simulators on loopback. Not to be had in the emulator, and so not promised here: permissions (they are compared with what
 * the functions call in test/infra), the alarm over several figures (see deploy/app.ts), throttles.
 */
import assert from 'node:assert/strict';
import { fieldsOf } from '../../shared/base/fields-of.ts';
import { apiSecretName, applyFunction, functionName, scheduleName, secretName, stackName, tableName } from '../../shared/base/names.ts';
import type { TableName } from '../../shared/base/table.ts';
import { connector, soon, stage, startCloud, webhookSecret, type Cloud } from './deploy/cloud.ts';
import { defineScenario } from './run-scenario.ts';

type World = { cloud: Cloud };

const written = { created: 0, updated: 0, deleted: 0 };
const tables: readonly TableName[] = ['hosted', 'links', 'runs'];
const flowSays = (id: number) => ({ event: 'events.items.update', collection: 'events', keys: [String(id)] });
const webhookPath = `/api/webhook/${connector}`;

export default defineScenario<World>({
  servers: { cloud: { title: 'the AWS emulator ministack', start: startCloud } },
  promises: [
    {
      name: 'bootstrap and deploy succeed in an account that never saw them, and the outputs name the address, which answers',
      withinMs: 180_000,
      run: async ({ cloud }) => {
        await cloud.cdk(['bootstrap', 'aws://000000000000/eu-central-1']);
        await cloud.cdk(['deploy', stackName(stage)]);
        await cloud.tellCredentials();

        assert.match(cloud.output(stackName(stage), 'Url'), /^https:\/\/[^/]+\/$/);
        assert.deepEqual(await cloud.request('GET', '/health'), { status: 200, body: { status: 'ok' } });
        assert.ok((await namesOf(cloud, stage)).includes(tableName(stage, 'links')));
      },
    },
    {
      name: 'a tick of the schedule carries approved events through queue and worker into the calendar; the next tick writes nothing',
      withinMs: 120_000,
      run: async ({ cloud }) => {
        for (const title of ['Open board meeting', 'Reading circle', 'Seed swap']) cloud.directus.events.add({ title, approved: true, status: 'published' });
        cloud.directus.events.add({ title: 'Not approved yet', approved: false, status: 'published' });

        assert.partialDeepStrictEqual(await cloud.tick(), { kind: 'report', report: { state: 'finished' } });
        await soon('three events are in the calendar', () => cloud.titles().length === 3);
        await atRest(cloud);

        assert.deepEqual(cloud.titles(), ['Open board meeting', 'Reading circle', 'Seed swap']);
      },
    },
    {
      name: 'whoever has a token starts a run over HTTP and sees status and runs; whoever has none gets 401, and a viewer may not start',
      withinMs: 120_000,
      run: async ({ cloud }) => {
        cloud.directus.events.add({ title: 'Choir rehearsal', approved: true, status: 'published' });

        const [nobody, viewer] = [await cloud.request('POST', `/api/sync/${connector}`, { body: {} }), await cloud.request('POST', `/api/sync/${connector}`, { as: 'viewer', body: {} })];
        const started = await cloud.request('POST', `/api/sync/${connector}`, { as: 'data_ops', body: {} });
        await soon('the event is in the calendar', () => cloud.titles().includes('Choir rehearsal'));

        assert.deepEqual([nobody.status, viewer.status], [401, 403]);
        assert.ok([200, 202].includes(started.status), JSON.stringify(started));
        assert.equal((await cloud.request('GET', '/api/sync/status')).status, 401);
        assert.partialDeepStrictEqual(await cloud.request('GET', '/api/sync/status', { as: 'viewer' }), { status: 200, body: { connectors: [{ connector }] } });
        assert.partialDeepStrictEqual(await cloud.request('GET', '/api/sync/runs', { as: 'viewer' }), { status: 200, body: { runs: [{ connector, state: 'finished' }] } });
      },
    },
    {
      name: 'a webhook with the right secret is 202 and its item is written at once, the same again is 200, a wrong secret is 401, and nothing is written twice',
      withinMs: 120_000,
      run: async ({ cloud }) => {
        await atRest(cloud);
        const row = cloud.directus.events.add({ title: 'Film night', approved: true, status: 'published' });
        const tell = (secret: string) => cloud.request('POST', webhookPath, { headers: { 'x-webhook-secret': secret }, body: flowSays(row.id) });

        const answers = [await tell('a guess'), await tell(webhookSecret), await tell(webhookSecret)];
        await soon('the event is in the calendar', () => cloud.titles().includes('Film night'));
        await atRest(cloud);

        assert.deepEqual(answers.map(({ status }) => status), [401, 202, 200]);
        assert.equal(cloud.titles().filter((title) => title === 'Film night').length, 1);
      },
    },
    {
      name: 'a message that nobody can read becomes trouble on record, and what waits beside it is done',
      withinMs: 120_000,
      run: async ({ cloud }) => {
        await cloud.feed(false);
        await cloud.aws.json('sqs', 'SendMessage', { QueueUrl: await cloud.queueUrl('apply'), MessageBody: 'this is no message of ours' });
        cloud.directus.events.add({ title: 'Garden morning', approved: true, status: 'published' });
        await cloud.tick();
        await cloud.feed(true);

        await soon('the event is in the calendar', () => cloud.titles().includes('Garden morning'));
        await soon('the message is on record', async () => (await statusOf(cloud))['gaveUp'] !== undefined);

        assert.partialDeepStrictEqual(await statusOf(cloud), { state: 'attention', gaveUp: { count: 1, links: 0 } });
      },
    },
    {
      name: 'work that was handed out in vain too often is moved aside by the queue and put on record, and a person brings it back',
      withinMs: 120_000,
      run: async ({ cloud }) => {
        await cloud.feed(false);
        cloud.directus.events.add({ title: 'First aid course', approved: true, status: 'published' });
        await cloud.tick();
        await handOutInVain(cloud);
        await soon('the work is on record', async () => Number(fieldsOf((await statusOf(cloud))['gaveUp'])['links']) === 1);
        assert.ok(!cloud.titles().includes('First aid course'));
        await cloud.feed(true);

        const answer = await cloud.request('POST', '/api/sync/problems/retry-all', { as: 'data_ops', body: {} });

        await soon('the event is in the calendar', () => cloud.titles().includes('First aid course'));
        await soon('nothing has given up any more', async () => (await statusOf(cloud))['gaveUp'] === undefined);
        assert.ok([200, 202].includes(answer.status), JSON.stringify(answer));
      },
    },
    {
      name: 'a deploy of changed code while messages wait loses nothing',
      withinMs: 180_000,
      run: async ({ cloud }) => {
        await cloud.feed(false);
        const titles = Array.from({ length: 12 }, (_, at) => `Bicycle workshop ${at + 1}`);
        for (const title of titles) cloud.directus.events.add({ title, approved: true, status: 'published' });
        await cloud.tick();
        const [waitedBefore, codeBefore] = [await cloud.waiting(), await codeOf(cloud)];

        await cloud.cdk(['deploy', stackName(stage)], { code: 'changed' });
        const waitedAfter = await cloud.waiting();
        await cloud.feed(true);

        await soon('all twelve are in the calendar', () => titles.every((title) => cloud.titles().includes(title)));
        await atRest(cloud);
        assert.ok(waitedBefore > 0, 'no message waited');
        assert.equal(waitedAfter, waitedBefore);
        assert.notEqual(await codeOf(cloud), codeBefore);
        assert.equal(cloud.titles().filter((title) => title.startsWith('Bicycle workshop')).length, 12);
      },
    },
    {
      name: 'the target of the deployed schedule, when the scheduler fires it, is a run',
      withinMs: 120_000,
      run: async ({ cloud }) => {
        cloud.directus.events.add({ title: 'Local history walk', approved: true, status: 'published' });
        const { body } = await cloud.aws.rest({ service: 'scheduler', method: 'GET', path: `/schedules/${scheduleName(stage, connector)}` });

        await cloud.aws.rest({
          service: 'scheduler', method: 'POST', path: '/schedules/once',
          body: { ScheduleExpression: 'at(2026-01-01T00:00:00)', FlexibleTimeWindow: { Mode: 'OFF' }, Target: fieldsOf(body)['Target'] },
        });

        await soon('the event is in the calendar', () => cloud.titles().includes('Local history walk'));
      },
    },
    {
      name: 'destroying dev removes its tables; destroying prod is refused while it is protected, and after that keeps tables and secrets',
      withinMs: 180_000,
      run: async ({ cloud }) => {
        await cloud.cdk(['deploy', stackName('prod')]);
        await cloud.cdk(['destroy', stackName(stage), '--force']);
        await assert.rejects(cloud.cdk(['destroy', stackName('prod'), '--force']), /TerminationProtection/i);
        await cloud.aws.unprotect(stackName('prod'));
        await cloud.cdk(['destroy', stackName('prod'), '--force']);

        assert.deepEqual(await namesOf(cloud, stage), []);
        assert.deepEqual(await namesOf(cloud, 'prod'), [...tables.map((table) => tableName('prod', table)), apiSecretName('prod'), secretName('prod', connector)].sort());
      },
    },
  ],
});

/** Until a tick finds nothing to write: what workers did is settled. */
async function atRest(cloud: Cloud): Promise<void> {
  let last: unknown;
  await soon('a tick has nothing to write', async () => {
    last = await cloud.tick();
    const { events } = fieldsOf(fieldsOf(fieldsOf(last)['report'])['streams']);
    return Object.keys(written).every((kind) => fieldsOf(events)[kind] === 0);
  });
}

async function statusOf(cloud: Cloud): Promise<Readonly<Record<string, unknown>>> {
  const { connectors } = fieldsOf((await cloud.request('GET', '/api/sync/status', { as: 'viewer' })).body);
  return fieldsOf(listOf(connectors)[0]);
}

/** Tables, secrets and functions of a stage. */
async function namesOf({ aws }: Cloud, of: string): Promise<readonly string[]> {
  const { TableNames: names } = fieldsOf(await aws.json('dynamodb', 'ListTables', {}));
  const { SecretList: secrets } = fieldsOf(await aws.json('secretsmanager', 'ListSecrets', {}));
  const { Functions: functions } = fieldsOf((await aws.rest({ service: 'lambda', method: 'GET', path: '/2015-03-31/functions/' })).body);
  const all = [...listOf(names), ...listOf(secrets).map((secret) => fieldsOf(secret)['Name']), ...listOf(functions).map((one) => fieldsOf(one)['FunctionName'])].map(String);
  return all.filter((name) => name.startsWith(`${stackName(of)}-`) || name.startsWith(secretName(of, ''))).sort();
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

async function codeOf(cloud: Cloud): Promise<unknown> {
  const { body } = await cloud.aws.rest({ service: 'lambda', method: 'GET', path: `/2015-03-31/functions/${functionName(stage, applyFunction(connector))}/configuration` });
  return fieldsOf(body)['CodeSha256'];
}

/** As workers do that die with it: it is received, never deleted, and shows again, until the queue itself moves it. */
async function handOutInVain(cloud: Cloud): Promise<void> {
  const QueueUrl = await cloud.queueUrl('apply');
  await soon('the queue has moved it', async () => {
    await cloud.aws.json('sqs', 'ReceiveMessage', { QueueUrl, VisibilityTimeout: 0, MaxNumberOfMessages: 10 });
    return (await cloud.waiting()) === 0;
  });
}
