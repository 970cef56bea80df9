/** The secret file, alone and under the environment's variables, keeps the secrets contract; and what only they can get wrong. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConditionFailed, ConfigurationInvalid } from '../../shared/base/errors.ts';
import { fileSecrets, noSecretYet } from '../../shared/stores/file-secrets.ts';
import { envSecrets, layeredSecrets } from '../../shared/stores/layered-secrets.ts';
import { describeSecretsContract } from '../contracts/secrets.ts';
import type { GivenSecrets } from '../contracts/secrets.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'concord-'));
  path = join(folder, 'secrets.json');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function store(given: GivenSecrets): void {
  writeFileSync(path, JSON.stringify(given), { mode: 0o600 });
}

async function storedVersion(values: Readonly<Record<string, string>>): Promise<string> {
  store({ first: values });
  return (await fileSecrets({ path }).read('first')).version;
}

function editByHand(name: string, values: Readonly<Record<string, string>>): void {
  const all = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...all, [name]: { ...all[name], ...values } }));
}

describeSecretsContract('A file', (given) => {
  store(given);
  return { secrets: fileSecrets({ path }), edit: editByHand };
});

describeSecretsContract('A file under an empty environment', (given) => {
  store(given);
  return { secrets: layeredSecrets(envSecrets({}, { first: ['FIRST_TOKEN'] }), fileSecrets({ path })), edit: editByHand };
});

describeSecretsContract('The environment over a file that is not there yet', (given) => {
  const env: Record<string, string> = Object.assign({}, ...Object.values(given));
  const variables = Object.fromEntries(Object.entries(given).map(([name, values]) => [name, Object.keys(values)]));
  const secrets = layeredSecrets(envSecrets(env, variables), fileSecrets({ path }));
  return { secrets, edit: (_, values) => void Object.assign(env, values) };
});

describe('the secret file', () => {
  test('is made when the first secret is, for its owner only, with nothing left beside it', async () => {
    path = join(folder, 'new', 'secrets.json');
    const secrets = fileSecrets({ path });

    const version = await secrets.write('first', { TOKEN: 'one' }, { ifVersion: noSecretYet });

    expect(await secrets.read('first')).toEqual({ values: { TOKEN: 'one' }, version });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(folder, 'new'))).toEqual(['secrets.json', 'secrets.json.lock']);
  });

  test('does not take a secret for new that is there', async () => {
    store({ first: { TOKEN: 'one' } });

    await expect(fileSecrets({ path }).write('first', { TOKEN: 'two' }, { ifVersion: noSecretYet })).rejects.toThrow(ConditionFailed);
  });

  test.each(['644', '640', '604', '620'])('with mode %s is refused, with the command that mends it', async (mode) => {
    store({ first: { TOKEN: 'one' } });
    chmodSync(path, Number.parseInt(mode, 8));
    const secrets = fileSecrets({ path });

    await expect(secrets.read('first')).rejects.toThrow(`chmod 600 ${path}`);
    await expect(secrets.write('first', {}, { ifVersion: noSecretYet })).rejects.toThrow(ConfigurationInvalid);
  });

  test.each([
    ['a missing brace', '{"first": {"TOKEN": "hush-hush"}'],
    ['a missing quote', '{"first": {"TOKEN": hush-hush"}}'],
    ['a list', '["hush-hush"]'],
    ['a secret that is a text', '{"first": "hush-hush"}'],
    ['a value that is a number', '{"first": {"TOKEN": 12, "OTHER": "hush-hush"}}'],
  ])('with %s is refused without quoting it, and left as it is', async (_, text) => {
    writeFileSync(path, text, { mode: 0o600 });
    const secrets = fileSecrets({ path });

    const error: unknown = await secrets.read('first').catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(ConfigurationInvalid);
    expect(`${String(error)} ${String(error instanceof Error ? error.cause : '')}`).not.toContain('hush');
    await expect(secrets.write('first', { TOKEN: 'x' }, { ifVersion: noSecretYet })).rejects.toThrow(ConfigurationInvalid);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('that is empty holds no secrets', async () => {
    writeFileSync(path, '\n', { mode: 0o600 });

    expect(await fileSecrets({ path }).find('first')).toBeUndefined();
  });

  test('has the same version whatever the order of its names, and no other content has it', async () => {
    const [version, reordered, moved] = [await storedVersion({ A: '1', B: '2' }), await storedVersion({ B: '2', A: '1' }), await storedVersion({ A: '1B2', B: '' })];

    expect(reordered).toBe(version);
    expect(moved).not.toBe(version);
  });

  test('behind a link stays behind it', async () => {
    const real = join(folder, 'real.json');
    writeFileSync(real, '{"first": {"TOKEN": "one"}}', { mode: 0o600 });
    symlinkSync(real, path);
    const secrets = fileSecrets({ path });

    await secrets.write('first', { TOKEN: 'two' }, { ifVersion: (await secrets.read('first')).version });

    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(JSON.parse(readFileSync(real, 'utf8'))).toEqual({ first: { TOKEN: 'two' } });
  });

  test('survives a draft that a killed process left behind', async () => {
    store({ first: { TOKEN: 'one' } });
    writeFileSync(`${path}.new`, '{"first": {"TOK');
    const secrets = fileSecrets({ path });

    await secrets.write('first', { TOKEN: 'two' }, { ifVersion: (await secrets.read('first')).version });

    expect((await secrets.read('first')).values).toEqual({ TOKEN: 'two' });
    expect(readdirSync(folder)).toEqual(['secrets.json', 'secrets.json.lock']);
  });

  test('written by several processes at once loses nothing', { timeout: 60_000 }, async () => {
    const child = join(import.meta.dirname, 'secrets-writer.ts');
    const writers = ['a', 'b', 'c'].map((name) => fork(child, [path, name], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));

    const exits = await Promise.all(writers.map((writer) => once(writer, 'exit')));

    const secrets = fileSecrets({ path });
    expect(exits.map(([code]) => code)).toEqual([0, 0, 0]);
    expect((await secrets.read('shared')).values).toEqual({ COUNT: '60' });
    for (const name of ['a', 'b', 'c']) expect((await secrets.read(name)).values).toEqual({ COUNT: '20' });
  });

  test('that cannot be written says what to do', async () => {
    mkdirSync(path, { mode: 0o700 });

    await expect(fileSecrets({ path }).read('first')).rejects.toMatchObject({ code: 'E_STORE' });
  });
});

describe('the environment over the secret file', () => {
  const variables = { nxt: ['NXT_ACCESS_TOKEN', 'NXT_REFRESH_TOKEN', 'NXT_CLIENT_ID'] };
  const over = (env: Record<string, string | undefined>) => layeredSecrets(envSecrets(env, variables), fileSecrets({ path }));

  test('gives each secret its own variables only', async () => {
    const env = envSecrets({ NXT_CLIENT_ID: 'id', PATH: '/bin', NXT_ACCESS_TOKEN: '', OTHER: 'x' }, { ...variables, other: ['OTHER'] });

    expect((await env.find('nxt'))?.values).toEqual({ NXT_CLIENT_ID: 'id' });
    expect((await env.find('other'))?.values).toEqual({ OTHER: 'x' });
    expect(await env.find('unknown')).toBeUndefined();
  });

  test('wins over what is stored, value by value', async () => {
    store({ nxt: { NXT_ACCESS_TOKEN: 'stored', NXT_CLIENT_ID: 'stored' } });

    const secret = await over({ NXT_ACCESS_TOKEN: 'from env' }).read('nxt');

    expect(secret.values).toEqual({ NXT_ACCESS_TOKEN: 'from env', NXT_CLIENT_ID: 'stored' });
  });

  test('a refreshed token outlives the variable that it replaced, after a restart too', async () => {
    const env = { NXT_REFRESH_TOKEN: 'from env', NXT_CLIENT_ID: 'id' };
    const before = await over(env).read('nxt');

    const version = await over(env).write('nxt', { NXT_REFRESH_TOKEN: 'rotated' }, { ifVersion: before.version });

    expect(await over(env).read('nxt')).toEqual({ values: { NXT_REFRESH_TOKEN: 'rotated', NXT_CLIENT_ID: 'id' }, version });
  });

  test('a token rotated twice is still the last one', async () => {
    const env = { NXT_REFRESH_TOKEN: 'from env' };
    const secrets = over(env);
    const second = await secrets.write('nxt', { NXT_REFRESH_TOKEN: 'second' }, { ifVersion: (await secrets.read('nxt')).version });

    await secrets.write('nxt', { NXT_REFRESH_TOKEN: 'third' }, { ifVersion: second });

    expect((await over(env).read('nxt')).values).toEqual({ NXT_REFRESH_TOKEN: 'third' });
  });

  test('a variable that a person changes after the refresh wins again', async () => {
    const secrets = over({ NXT_REFRESH_TOKEN: 'from env' });
    const version = await secrets.write('nxt', { NXT_REFRESH_TOKEN: 'rotated' }, { ifVersion: (await secrets.read('nxt')).version });
    const edited = over({ NXT_REFRESH_TOKEN: 'by hand' });

    const late = edited.write('nxt', { NXT_REFRESH_TOKEN: 'rotated again' }, { ifVersion: version });

    await expect(late).rejects.toThrow(ConditionFailed);
    expect((await edited.read('nxt')).values).toEqual({ NXT_REFRESH_TOKEN: 'by hand' });
  });

  test('only what was written is stored, never a variable beside it', async () => {
    const secrets = over({ NXT_REFRESH_TOKEN: 'from env', NXT_CLIENT_ID: 'only in env' });

    await secrets.write('nxt', { NXT_REFRESH_TOKEN: 'rotated' }, { ifVersion: (await secrets.read('nxt')).version });

    expect(readFileSync(path, 'utf8')).not.toMatch(/from env|only in env/);
  });
});
