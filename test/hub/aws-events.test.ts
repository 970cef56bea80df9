/** Messages of a queue, out of the event that the platform makes of them. */
import { expect, test } from 'vitest';
import { recordsIn } from '../../shared/hub/aws-events.ts';

test('of each message its id, text, age and number of tries are read', () => {
  const record = { messageId: 'm', body: '{}', attributes: { SentTimestamp: '1795424400000', ApproximateReceiveCount: '3' }, receiptHandle: 'r' };

  expect(recordsIn({ Records: [record] })).toEqual([{ messageId: 'm', body: '{}', sentAt: 1_795_424_400_000, receiveCount: 3 }]);
});

test.each([['nothing', undefined], ['another event', { trigger: 'schedule' }], ['records of another kind', { Records: [{ s3: {} }, null, 'text'] }]])('%s holds no messages', (_what, event) => {
  expect(recordsIn(event)).toEqual([]);
});
