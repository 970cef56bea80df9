/** How the control plane's errands reach the function that can do them. */
import { expect, test } from 'vitest';
import { awsHost } from '../../shared/hub/aws-host.ts';
import type { FunctionInvoker } from '../../shared/stores/lambda-invoker.ts';

function hostOver(ask: FunctionInvoker['ask']) {
  const started: unknown[] = [];
  const waits: number[] = [];
  const giveUp = new AbortController();
  const host = awsHost({
    stage: 'test',
    invoker: { ask, start: async (name, payload) => void started.push([name, payload]) },
    timeout: (ms) => {
      waits.push(ms);
      return giveUp.signal;
    },
  });
  return { host, started, waits, giveUp };
}

test('an errand is asked of the plan function of its connector, and its answer comes back', async () => {
  const asked: unknown[] = [];
  const { host, waits } = hostOver(async (name, payload) => {
    asked.push([name, payload]);
    return { kind: 'errand', answer: { kind: 'reports', reports: [] } };
  });

  const answer = await host.start({ kind: 'replay', connector: 'directus-nextcloud' });

  expect(answer).toEqual({ kind: 'reports', reports: [] });
  expect(asked).toEqual([['concord-test-directus-nextcloud-plan', { trigger: 'errand', errand: { kind: 'replay', connector: 'directus-nextcloud' } }]]);
  expect(waits).toEqual([20_000]);
});

test('one that takes longer than a caller can be kept waiting is under way', async () => {
  const { host, giveUp } = hostOver(async (_name, _payload, signal) => {
    giveUp.abort(new Error('20 s are over'));
    signal.throwIfAborted();
    return undefined;
  });

  expect(await host.start({ kind: 'run', connector: 'directus-nextcloud' })).toBe('underway');
});

test('what the function cannot do is an error, not an errand under way', async () => {
  const { host } = hostOver(async () => ({ kind: 'refused', why: 'another connector' }));

  await expect(host.start({ kind: 'run', connector: 'directus-nextcloud' })).rejects.toThrow('something else');
});

test('a nudge is handed over, and nobody waits for it', async () => {
  const { host, started } = hostOver(async () => undefined);

  await host.nudge('directus-nextcloud');

  expect(started).toEqual([['concord-test-directus-nextcloud-plan', { trigger: 'errand', errand: { kind: 'look', connector: 'directus-nextcloud' } }]]);
});
