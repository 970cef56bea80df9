import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { VendorRejected, VendorUnavailable } from '../../shared/base/errors.ts';
import { withoutAddress } from '../../shared/http/without-address.ts';

const address = 'https://vendor.example/persons?name=Marker';
const facts = { vendor: 'vendor', call: 'GET /persons', status: 503, reason: 'BUSY', sent: true };

test.each([
  ['the code of the fault behind it', new TypeError(address, { cause: Object.assign(new Error(address), { code: 'ECONNRESET', input: address }) }), 'ECONNRESET'],
  ['the first of several', new TypeError(address, { cause: new AggregateError([Object.assign(new Error(address), { code: 'ECONNREFUSED' })], address) }), 'ECONNREFUSED'],
  ['no code that is none', Object.assign(new Error(address), { code: address }), 'no answer'],
  ['no more than that there was no answer', address, 'no answer'],
])('of a cause that quotes an address is left: %s', (_what, cause, left) => {
  const error = withoutAddress(new VendorUnavailable(facts, { cause }));

  expect(error).toBeInstanceOf(VendorUnavailable);
  expect(error).toMatchObject({ ...facts, cause: { message: left } });
  expect(inspect(error, { depth: null, showHidden: true })).not.toContain('Marker');
});

test('an error without a cause, and any other error, is the same as before', () => {
  const bare = new VendorUnavailable(facts);
  const other = new VendorRejected(facts, { cause: new Error('for a report') });

  expect(withoutAddress(bare)).toBe(bare);
  expect(withoutAddress(other)).toBe(other);
});
