/** What every secret store promises (shared/http/secrets.ts). All values are invented. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConditionFailed, ConfigurationInvalid } from '../../shared/base/errors.ts';
import type { SecretStore } from '../../shared/http/secrets.ts';

export interface SecretsUnderTest {
  /** Holds the secrets that `makeSecrets` was asked for and no other. */
  readonly secrets: SecretStore;
  /** What a person does by hand, past the port: sets these values. */
  edit(name: string, values: Readonly<Record<string, string>>): Promise<void> | void;
  close?(): Promise<void> | void;
}

export type GivenSecrets = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function describeSecretsContract(name: string, makeSecrets: (given: GivenSecrets) => Promise<SecretsUnderTest> | SecretsUnderTest): void {
  describe(`${name} as a secret store`, () => {
    const first = { FIRST_TOKEN: 'first-1', FIRST_URL: 'https://first.example' };
    let made: SecretsUnderTest;
    let secrets: SecretStore;
    beforeEach(async () => {
      made = await makeSecrets({ first, second: { SECOND_TOKEN: 'second-1' } });
      secrets = made.secrets;
    });
    afterEach(async () => made.close?.());

    test('a secret is read with all its values', async () => {
      expect((await secrets.read('first')).values).toEqual(first);
    });

    test.each(['third', 'constructor', '__proto__'])('a secret that is not there (%s) says how to get it', async (missing) => {
      await expect(secrets.read(missing)).rejects.toThrow(ConfigurationInvalid);
    });

    test('the version stays while nothing changes', async () => {
      const { version } = await secrets.read('first');

      expect((await secrets.read('first')).version).toBe(version);
    });

    test('a write sets what it names, leaves the rest alone, and gives the version that is read from then on', async () => {
      const before = await secrets.read('first');

      const version = await secrets.write('first', { FIRST_TOKEN: 'first-2', FIRST_EXTRA: '"quoted" 東京 \u{1F600}\n' }, { ifVersion: before.version });

      const after = await secrets.read('first');
      expect(after.values).toEqual({ ...first, FIRST_TOKEN: 'first-2', FIRST_EXTRA: '"quoted" 東京 \u{1F600}\n' });
      expect(after.version).toBe(version);
      expect(version).not.toBe(before.version);
    });

    test('a write does not touch the other secrets', async () => {
      const second = await secrets.read('second');

      await secrets.write('first', { FIRST_TOKEN: 'first-2' }, { ifVersion: (await secrets.read('first')).version });

      expect(await secrets.read('second')).toEqual(second);
    });

    test('of two who refresh the same token, one wins and the other is told', async () => {
      const { version } = await secrets.read('first');

      const writes = await Promise.allSettled(['a', 'b'].map((token) => secrets.write('first', { FIRST_TOKEN: token }, { ifVersion: version })));

      const refused = writes.filter((write) => write.status === 'rejected');
      expect(refused).toHaveLength(1);
      expect(refused[0]?.reason).toBeInstanceOf(ConditionFailed);
      expect((await secrets.read('first')).values['FIRST_TOKEN']).toBe(writes[0]?.status === 'fulfilled' ? 'a' : 'b');
    });

    test('a person\'s edit is not overwritten', async () => {
      const { version } = await secrets.read('first');
      await made.edit('first', { FIRST_TOKEN: 'by hand' });

      const late = secrets.write('first', { FIRST_TOKEN: 'refreshed' }, { ifVersion: version });

      await expect(late).rejects.toThrow(ConditionFailed);
      expect((await secrets.read('first')).values).toEqual({ ...first, FIRST_TOKEN: 'by hand' });
      expect((await secrets.read('first')).version).not.toBe(version);
    });

    test('writes that follow each other each need the version before them', async () => {
      const { version } = await secrets.read('first');
      const second = await secrets.write('first', { FIRST_TOKEN: 'first-2' }, { ifVersion: version });
      await secrets.write('first', { FIRST_TOKEN: 'first-3' }, { ifVersion: second });

      const late = secrets.write('first', { FIRST_TOKEN: 'first-4' }, { ifVersion: second });

      await expect(late).rejects.toThrow(ConditionFailed);
      expect((await secrets.read('first')).values['FIRST_TOKEN']).toBe('first-3');
    });
  });
}
