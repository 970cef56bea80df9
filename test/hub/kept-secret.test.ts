/** A copy of a secret is as good as the secret, for a while. */
import { expect, test } from 'vitest';
import { manualClock } from '../../shared/base/clock.ts';
import { heardSecrets, keptSecrets } from '../../shared/hub/kept-secret.ts';
import type { Secret } from '../../shared/http/secrets.ts';

function secretsOver(read: (name: string) => Promise<Secret>) {
  const clock = manualClock();
  const reads: string[] = [];
  const secret = keptSecrets({ clock, read: async (name) => {
    reads.push(name);
    return read(name);
  } });
  return { clock, reads, secret };
}

test('a secret is read once in five minutes, each by its name', async () => {
  const { clock, reads, secret } = secretsOver(async (name) => ({ values: { NAME: name }, version: '1' }));

  await secret('a');
  await secret('a');
  await secret('b');
  clock.advance(5 * 60_000 - 1);
  const before = await secret('a');
  clock.advance(1);
  await secret('a');

  expect(before).toEqual({ values: { NAME: 'a' }, version: '1' });
  expect(reads).toEqual(['a', 'b', 'a']);
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

test('every secret that is read is told, so that its values are taken out of the log, and writes go through', async () => {
  const heard: Secret[] = [];
  const written: string[] = [];
  const store = heardSecrets({ read: async (name) => ({ values: { NAME: name }, version: '1' }), write: async (name) => { written.push(name); return '2'; } }, (one) => void heard.push(one));

  const read = await store.read('a');
  const version = await store.write('a', {}, { ifVersion: '1' });

  expect([read, version]).toEqual([{ values: { NAME: 'a' }, version: '1' }, '2']);
  expect([heard, written]).toEqual([[read], ['a']]);
});
