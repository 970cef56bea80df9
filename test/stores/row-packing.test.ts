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

  test.each(['20261123T150000Z-7', '20261323T150000Z-7', '20260230T150000Z-7', '19691231T235959Z-1', '99991231T235959Z-1', 'abcZ'])('times that stand beside the run %s come back as they were', (run) => {
    const log = [0, 1_795_446_000_000, 1_795_446_004_321, Number.MAX_SAFE_INTEGER].map((at) => ({ at, run, what: 'updated' }));
    const body = JSON.stringify({ log, text: `"at":1795446004321,"run":"${run}"`, other: '"at":+5,"run":"abcZ' });

    expect(unpacked(packed(body, inClear), inClear)).toBe(body);
  });

  test('what was deflated alone is read, too', () => {
    const body = JSON.stringify({ text: 'said before '.repeat(100), log: [{ at: 1_795_446_004_321, run: '20261123T150000Z-7' }] });

    expect(unpacked(deflateRawSync(body), inClear)).toBe(body);
  });

  test('without a head it is packed against the key alone', () => {
    const { head: _head, ...alone } = inClear;

    expect(unpacked(packed('{"said":"once"}', alone), alone)).toBe('{"said":"once"}');
  });

  test('what the first release that packs has stored is read for ever', () => {
    // Written once by that release. A change of the text that rows are packed against makes this unreadable, and every row of every site.
    const stored = 'w2og1qQJSlS6hoa6RsYhhqZWiNxXhxxpMVDjY8DRh+YwXAlX2wCWcEvyK82SDaJ0QRGHKzESleh0sJhsaWIQpWuEMBkjY8BzBHKSNddBTrSGRuagsgCj9vDzD4n3Dw0KVtJBqkiK83NTSzIy89IVUnOKU0EBQnaadbRws/DVDakISMxJS/dytohPj0+KCMWakp29C5KcInNyDbzNs4KKsw2QUrabU1WVW2ipmWmhU3FxuUc2KKnUAgA=';

    const body: unknown = JSON.parse(unpacked(Buffer.from(stored, 'base64'), inClear));

    expect(body).toMatchObject({ sourceId: '127', state: 'agreed', problem: { code: 'NOT_OURS' }, log: [{ what: 'created' }, { what: 'rebased' }], base: { source: { fields: { title: 'CKpbBYlm0K7jRsk0' } } } });
  });
});

test('a link of ten fields with ten outcomes takes 0.7 of a write unit, with a change of short texts staged it fits into one, and longer ones take a third less than deflated alone', () => {
  const { agreed, staged } = anAgedLink();

  const alone = deflateRawSync(JSON.stringify(staged.body)).byteLength;
  const { body: bytes } = itemFor(staged);

  expect(bytesOf(itemFor(agreed))).toBeLessThanOrEqual(717);
  expect(bytesOf(itemFor(anAgedLink({ description: 'Bring a cup.' }).staged))).toBeLessThanOrEqual(1024);
  expect(bytes instanceof Uint8Array && bytes.byteLength / alone).toBeLessThan(0.68);
  expect(rowOf('links', itemFor(staged))).toMatchObject({ body: JSON.parse(JSON.stringify(staged.body)), head: staged.head, index: { open: 'directus-nextcloud/events' } });
});

const itemFor = (row: RowDraft): Item => itemOf(row, { body: JSON.stringify(row.body), rev: 25, by: 'twelve-chars' });
const bytesOf = (item: Item): number => Object.entries(item).reduce((sum, [name, value]) => sum + name.length + (value instanceof Uint8Array ? value.byteLength : String(value).length), 0);
