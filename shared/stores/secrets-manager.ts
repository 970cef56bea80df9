/**
 * Secrets in AWS Secrets Manager: each is one JSON object of names and values, its version the id of the one that is AWSCURRENT.
 *
 * A write is a compare-and-set, which Secrets Manager has no single call for: the new values are put aside under a label of our own, then
 * AWSCURRENT is moved over from the version that was read. If a person has edited the secret meanwhile, the label is not there any more,
 * the move is refused, the label is taken off, and the person's edit stands. A worker that dies in between leaves a version that nobody reads
 * and the next write takes the label from; versions without a label go by themselves. (API reference, read 2026-11: UpdateSecretVersionStage fails unless RemoveFromVersionId holds the label. Confirmed
 * against nothing but our witness.)
 *
 * AWS asks not to write one secret more than about once in ten minutes: whoever refreshes tokens keeps the access token in the same write.
 */
import { randomUUID } from 'node:crypto';
import { GetSecretValueCommand, PutSecretValueCommand, UpdateSecretVersionStageCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ConditionFailed, ConfigurationInvalid } from '../base/errors.ts';
import type { Secret, SecretStore } from '../http/secrets.ts';
import { sayingWhatToDoOnAws } from './aws-trouble.ts';

export interface SecretsManagerDeps {
  readonly client: SecretsManagerClient;
  /** From our name of a secret (one per connector) to its name or ARN in the account. */
  readonly idOf: (name: string) => string;
}

const current = 'AWSCURRENT';
const aside = 'CONCORD_PENDING';

/** @throws StoreUnavailable from every method: throttled, not allowed, or no answer. */
export function secretsManager({ client, idOf }: SecretsManagerDeps): SecretStore {
  async function read(name: string): Promise<Secret> {
    const id = idOf(name);
    const { SecretString: text, VersionId: version } = await found(name, () => client.send(new GetSecretValueCommand({ SecretId: id, VersionStage: current })));
    if (text === undefined || version === undefined) throw notReadable(name);
    return { values: valuesOf(name, text), version };
  }

  return {
    read: (name) => read(name),
    async write(name, values, { ifVersion }) {
      const stored = await read(name);
      if (stored.version !== ifVersion) throw new ConditionFailed(0);
      const id = idOf(name);
      const version = randomUUID();
      const text = JSON.stringify({ ...stored.values, ...values });
      await found(name, () => client.send(new PutSecretValueCommand({ SecretId: id, ClientRequestToken: version, SecretString: text, VersionStages: [aside] })));
      const move = { SecretId: id, VersionStage: current, MoveToVersionId: version, RemoveFromVersionId: ifVersion };
      try {
        await found(name, () => client.send(new UpdateSecretVersionStageCommand(move)));
      } catch (error) {
        if (!isNamed(error, 'InvalidParameterException')) throw error;
        // Moved already, and only the answer was lost: then a second try is refused, too.
        if ((await read(name)).version === version) return version;
        await found(name, () => client.send(new UpdateSecretVersionStageCommand({ SecretId: id, VersionStage: aside, RemoveFromVersionId: version })));
        throw new ConditionFailed(0, { cause: error });
      }
      return version;
    },
  };
}

/** @throws ConfigurationInvalid where there is no such secret; StoreUnavailable. */
async function found<T>(name: string, call: () => Promise<T>): Promise<T> {
  return sayingWhatToDoOnAws(`secret ${name}`, async () => {
    try {
      return await call();
    } catch (error) {
      if (!isNamed(error, 'ResourceNotFoundException')) throw error;
      throw new ConfigurationInvalid([`there is no secret ${name}, or it has no value yet; set it in the console of Secrets Manager, or with concord connect`], { cause: error });
    }
  });
}

/** The message says nothing of what stands there. */
function valuesOf(name: string, text: string): Readonly<Record<string, string>> {
  try {
    const values: unknown = JSON.parse(text);
    if (isTexts(values)) return values;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // its message would quote the text
  }
  throw notReadable(name);
}

const notReadable = (name: string): ConfigurationInvalid => new ConfigurationInvalid([`the secret ${name} has to be a JSON object of names and texts; look for a missing quote or comma where it was last edited`]);

const isTexts = (values: unknown): values is Readonly<Record<string, string>> =>
  typeof values === 'object' && values !== null && !Array.isArray(values) && Object.values(values).every((value) => typeof value === 'string');

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name;
