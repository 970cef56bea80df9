/** Rows are unpacked with the text they were packed with: what was once stored has to be read by every later release. */
import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { RowDraft } from '../../shared/base/table.ts';
import { itemOf, rowOf, type Item } from '../../shared/stores/dynamo-rows.ts';
import { packed, unpacked } from '../../shared/stores/row-packing.ts';
import { anAgedLink } from '../samples/aged-link.ts';

const inClear = { pk: 'calendar/events', sk: 'key-1', head: '127\u001f"etag-1"\u001fagreed' };

describe('the body of a row, packed', () => {
  test.each(['{}', '{"text":"ä € 𝄞"}', JSON.stringify({ log: Array.from({ length: 500 }, (_, n) => ({ at: n * 977, what: 'updated' })) })])('comes back as it was', (body) => {
    expect(unpacked(packed(body, inClear), inClear)).toBe(body);
  });

  test('without a head it is packed against the key alone', () => {
    const { head: _head, ...alone } = inClear;

    expect(unpacked(packed('{"said":"once"}', alone), alone)).toBe('{"said":"once"}');
  });

  test('what the first release that packs has stored is read for ever', () => {
    // Written once by that release. A change of the text that rows are packed against makes this unreadable, and every row of every site.
    const stored = 'w2og1qQJSlS6hoa6RsYhhqZWiNxXhxxpMVDjY8DRh+Yw3AnX0tTEyMTEAASQ07ChoZFxiIElSDhKFxSZuBIoUQlRB9k2CwPsthkaQGwzQtiGkYHgOQc5aZvrICduQyNzUJmBUcv4+YfE+4cGBSvpIFU4xfm5qSUZmXnpCqk5xamggCM7bTtauFn46oZUBCTmpKV7OVvEp8cnRYRiTfHO3gVJTpE5uQbe5llBxdkGSDnAzamqyi201My00Km4uNwjG5SkagE=';

    const body: unknown = JSON.parse(unpacked(Buffer.from(stored, 'base64'), inClear));

    expect(body).toMatchObject({ sourceId: '127', state: 'agreed', problem: { code: 'NOT_OURS' }, log: [{ what: 'created' }, { what: 'rebased' }], base: { source: { fields: { title: 'CKpbBYlm0K7jRsk0' } } } });
  });
});

test('a link of ten fields with ten outcomes takes three quarters of a write unit, and with a change staged a quarter less than deflated alone', () => {
  const { agreed, staged } = anAgedLink();

  const alone = deflateRawSync(JSON.stringify(staged.body)).byteLength;
  const { packed: bytes } = itemFor(staged);

  expect(bytesOf(itemFor(agreed))).toBeLessThanOrEqual(768);
  expect(bytes instanceof Uint8Array && bytes.byteLength / alone).toBeLessThan(0.75);
  expect(rowOf('links', itemFor(staged))).toMatchObject({ body: JSON.parse(JSON.stringify(staged.body)), head: staged.head, index: { open: 'directus-nextcloud/events' } });
});

const itemFor = (row: RowDraft): Item => itemOf(row, { body: JSON.stringify(row.body), rev: 25, by: 'twelve-chars' });
const bytesOf = (item: Item): number => Object.entries(item).reduce((sum, [name, value]) => sum + name.length + (value instanceof Uint8Array ? value.byteLength : String(value).length), 0);
