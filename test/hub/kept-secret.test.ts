/** A copy of a secret is as good as the secret, for a while. */
import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { keptSecrets } from '../../shared/hub/kept-secret.ts';
import type { Secret } from '../../shared/http/secrets.ts';

function secretsOver(read: (name: string) => Promise<Secret>) {
  const clock = manualClock();
  const reads: string[] = [];
  const heard: Secret[] = [];
  const secret = keptSecrets({ clock, heard: (one) => void heard.push(one), read: async (name) => {
    reads.push(name);
    return read(name);
  } });
  return { clock, reads, heard, secret };
}

test('a secret is read once in five minutes, each by its name', async () => {
  const { clock, reads, heard, secret } = secretsOver(async (name) => ({ values: { NAME: name }, version: '1' }));

  await secret('a');
  await secret('a');
  await secret('b');
  clock.advance(5 * 60_000 - 1);
  const before = await secret('a');
  clock.advance(1);
  await secret('a');

  expect(before).toEqual({ values: { NAME: 'a' }, version: '1' });
  expect(reads).toEqual(['a', 'b', 'a']);
  expect(heard).toHaveLength(3);
});

test('what could not be read is asked for again at once', async () => {
  let isDown = true;
  const { reads, secret } = secretsOver(async () => {
    if (isDown) throw new Error('away');
    return { values: {}, version: '1' };
  });

  await expect(secret('a')).rejects.toThrow('away');
  isDown = false;
  await secret('a');

  expect(reads).toEqual(['a', 'a']);
});
