/** A system stops the connector in the middle of a call's writes: what was written by then is recorded and told, the rest stays staged. */
import { expect, test } from 'vitest';
import { QuotaExhausted, VendorSignInFailed } from '../../shared/base/errors.ts';
import type { WriteResult } from '../../shared/engine/side.ts';
import { notebookHub } from '../samples/notebook-hub.ts';

const resetsAt = Date.UTC(2026, 10, 24);

/** A target that takes so many writes and then says why it takes no more. */
function stoppingHub(writesLeft: number, stop: QuotaExhausted | VendorSignInFailed) {
  const hub = notebookHub({ target: { power: 'find' } });
  Object.assign(hub.target, { indexDelayMs: 60_000 }); // a second sending in the same run would have to wait, and count as failed
  const write = hub.target.write.bind(hub.target);
  let left = writesLeft;
  hub.target.write = async (writes) => {
    const taken = writes.slice(0, left);
    left -= taken.length;
    if (taken.length === 0 && writes.length > 0) throw stop;
    const results = await write(taken);
    return [...results, ...writes.slice(taken.length).map((): WriteResult => ({ kind: 'lost', sent: false, code: stop.code, stop }))];
  };
  for (const id of ['1', '2', '3', '4', '5']) hub.source.put(id, { title: `Page ${id}` });
  return { ...hub, goOn: () => { left = 100; } };
}

test.each([
  ['quota', new QuotaExhausted({ vendor: 'target', call: 'any call', resetsAt })],
  ['sign-in', new VendorSignInFailed({ vendor: 'target', call: 'POST /pages', status: 401 })],
])('stopped by %s after two of five, two are told as made and none as failed; the next run makes the other three', async (_why, stop) => {
  const hub = stoppingHub(2, stop);

  const cut = await hub.run();
  hub.goOn();
  hub.clock.advance(resetsAt - hub.clock.now());
  const next = await hub.run();

  expect(cut).toMatchObject({ state: 'paused', planned: 5, problems: [{ stream: '*', code: stop.code, message: stop.message }] });
  expect(cut.streams['pages']).toMatchObject({ created: 2, failed: 0, waiting: 3 });
  expect(next).toMatchObject({ state: 'finished', problems: [] });
  expect(next.streams['pages']).toMatchObject({ created: 3, failed: 0 });
  expect(hub.target.titles).toEqual(['Page 1', 'Page 2', 'Page 3', 'Page 4', 'Page 5']);
});
