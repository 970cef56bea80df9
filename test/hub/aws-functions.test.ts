/** The doors of the cloud's functions, as the platform opens them. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { handler as api } from '../../functions/api.ts';
import { handler as deadLetter } from '../../functions/dead-letter.ts';
import { handler as apply } from '../../functions/directus-nextcloud/apply.ts';
import { handler as plan } from '../../functions/directus-nextcloud/plan.ts';
import { handler as webhook } from '../../functions/webhook.ts';
import { ConfigurationInvalid } from '../../shared/base/errors.ts';

const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 900_000 };

afterEach(() => vi.unstubAllEnvs());

test.each([['plan', plan], ['apply', apply], ['dead-letter', deadLetter]])('%s is loaded without an environment, and says at its first call all that is missing', async (_name, handler) => {
  const called = handler({ Records: [] }, context);

  await expect(called).rejects.toThrow(ConfigurationInvalid);
  await expect(called).rejects.toThrow(/CONCORD_STAGE is not set.*CONCORD_TABLE_RUNS is not set/);
});

test('what was wrong at the first call is looked at again by the next one', async () => {
  const first = plan({}, context);
  await expect(first).rejects.toThrow('CONCORD_STAGE is not set');
  vi.stubEnv('CONCORD_STAGE', 'test');

  await expect(plan({}, context)).rejects.toThrow(/^(?!.*CONCORD_STAGE).*CONCORD_QUEUE_URL is not set/);
});

test('the HTTP side fails as a whole where its environment is wrong, so that the alarm tells of it', async () => {
  const event: unknown = JSON.parse(readFileSync(new URL('../../events/api-health.json', import.meta.url), 'utf8'));

  for (const handler of [api, webhook]) await expect(invoked(handler, event)).rejects.toThrow(ConfigurationInvalid);
});

/** As the platform does, which knows nothing of types. */
async function invoked(handler: unknown, event: unknown): Promise<unknown> {
  if (typeof handler !== 'function') throw new TypeError('a function exports no handler');
  return Reflect.apply(handler, undefined, [event, context]);
}
