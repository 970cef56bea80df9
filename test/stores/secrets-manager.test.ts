/** Secrets Manager keeps the secrets contract, as far as a witness written from AWS's reference can say; and what a compare-and-set of two calls can get wrong. */
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, describe, expect, test } from 'vitest';
import { ConditionFailed, ConfigurationInvalid, StoreUnavailable } from '../../shared/base/errors.ts';
import { secretsManager } from '../../shared/stores/secrets-manager.ts';
import { describeSecretsContract, type GivenSecrets } from '../contracts/secrets.ts';
import { startSecretsWitness, type SecretsWitness } from '../samples/secrets-manager.ts';

const opened: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

const idOf = (name: string): string => `concord/test/${name}`;

function clientOf(endpoint: string): SecretsManagerClient {
  const client = new SecretsManagerClient({ endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 });
  opened.push(() => client.destroy());
  return client;
}

async function started(given: GivenSecrets) {
  const witness = await startSecretsWitness(Object.fromEntries(Object.entries(given).map(([name, values]) => [idOf(name), JSON.stringify(values)])));
  opened.push(() => witness.close());
  return { witness, secrets: secretsManager({ client: clientOf(witness.endpoint), idOf }) };
}

function edited(witness: SecretsWitness, name: string, values: Readonly<Record<string, string>>): void {
  witness.edit(idOf(name), JSON.stringify({ ...JSON.parse(witness.current(idOf(name)) ?? '{}'), ...values }));
}

describeSecretsContract('Secrets Manager', async (given) => {
  const { witness, secrets } = await started(given);
  return { secrets, edit: (name, values) => edited(witness, name, values) };
});

describe('a write', () => {
  const first = { NAME: 'one', OTHER: 'stays' };

  test.each(['PutSecretValue', 'UpdateSecretVersionStage'])('gives way to a person who edits the secret just before %s', async (call) => {
    const { witness, secrets } = await started({ first });
    const { version } = await secrets.read('first');
    witness.before(call, () => {
      edited(witness, 'first', { NAME: 'by hand' });
      return undefined;
    });

    await expect(secrets.write('first', { NAME: 'refreshed' }, { ifVersion: version })).rejects.toThrow(ConditionFailed);

    expect((await secrets.read('first')).values).toEqual({ ...first, NAME: 'by hand' });
    expect(witness.labels(idOf('first'))).not.toContain('CONCORD_PENDING');
  });

  test('whose last answer was lost and that the SDK sends again is done, not refused', async () => {
    const { witness } = await started({ first });
    const client = new SecretsManagerClient({ endpoint: witness.endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 3 });
    opened.push(() => client.destroy());
    const patient = secretsManager({ client, idOf });
    const { version } = await patient.read('first');
    witness.before('UpdateSecretVersionStage', () => 'lose');

    const next = await patient.write('first', { NAME: 'two' }, { ifVersion: version });

    expect(await patient.read('first')).toEqual({ values: { ...first, NAME: 'two' }, version: next });
  });

  test('that comes too late puts nothing aside', async () => {
    const { witness, secrets } = await started({ first });
    witness.calls.length = 0;

    await expect(secrets.write('first', { NAME: 'late' }, { ifVersion: 'an older one' })).rejects.toThrow(ConditionFailed);

    expect(witness.calls).toEqual(['GetSecretValue']);
  });

  test('that ends between its two calls has changed nothing, and the next one goes through', async () => {
    const { witness, secrets } = await started({ first });
    const { version } = await secrets.read('first');
    witness.before('UpdateSecretVersionStage', () => 'break');
    const cut = secrets.write('first', { NAME: 'lost' }, { ifVersion: version });
    await expect(cut).rejects.toThrow(StoreUnavailable);
    const meanwhile = await secrets.read('first');

    await secrets.write('first', { NAME: 'two' }, { ifVersion: version });

    expect(meanwhile.values).toEqual(first);
    expect((await secrets.read('first')).values).toEqual({ ...first, NAME: 'two' });
  });

  test('costs one reading and two calls', async () => {
    const { witness, secrets } = await started({ first });
    const { version } = await secrets.read('first');
    witness.calls.length = 0;

    await secrets.write('first', { NAME: 'two' }, { ifVersion: version });

    expect(witness.calls).toEqual(['GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage']);
  });
});

describe('a secret that cannot be used', () => {
  test.each(['not JSON at all', '"a text"', '["a list"]', '{"NAME": 7}', 'null', ''])('%j is named, and not shown', async (text) => {
    const { witness, secrets } = await started({ first: {} });
    witness.edit(idOf('first'), text);

    const error: unknown = await secrets.read('first').catch((caught: unknown) => caught);

    expect(error).toBeInstanceOf(ConfigurationInvalid);
    expect(String(error)).toContain('the secret first has to be a JSON object');
    expect(text !== '' && text !== 'null' && JSON.stringify(error).concat(String(error)).includes(text)).toBe(false);
  });

  test('nobody there: a store that cannot be used', async () => {
    const secrets = secretsManager({ client: clientOf('http://127.0.0.1:9'), idOf });

    await expect(secrets.read('first')).rejects.toThrow(StoreUnavailable);
  });
});
