/**
 * What every table adapter refuses, whichever database stands below: keys and rows that one of them could not hold. Checked
 * before anything is written, so that a row which fits one machine also fits the cloud.
 * The bounds are those of the port (shared/base/table.ts); the group's size is DynamoDB's TransactWriteItems (100 rows, 4 MB; confirmed).
 */
import { ItemInvalid, RowTooLarge } from '../base/errors.ts';
import { rowBytesMax } from '../base/table.ts';
import type { Key, RowDraft, TableWrite } from '../base/table.ts';

export const groupRowsMax = 100;
export const groupBytesMax = 3.75 * 1024 * 1024; // below the 4 MB, with room for the names and copies of keys that DynamoDB counts too
export const keyBytesMax = 1024;
export const headBytesMax = 2 * 1024;
export const pageRowsDefault = 1000;

/**
 * A key made of a vendor's id can be too long or unreadable: that is the item's fault, so it rejects that item only.
 *
 * @throws ItemInvalid E_KEY for an empty text, one over 1 024 bytes, one with U+0000 (it separates keys in index copies) or half a
 * surrogate pair (which UTF-8 cannot say, so the row would come back under another key). The message never holds the key.
 */
export function checkKey(key: { readonly pk: string; readonly sk: string }): void {
  checkKeyText('pk', key.pk);
  checkKeyText('sk', key.sk);
}

function checkKeyText(part: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes < 1 || bytes > keyBytesMax) {
    throw new ItemInvalid({ code: 'E_KEY', field: part, message: `the row's ${part} has ${bytes} bytes, it needs 1 to ${keyBytesMax}` });
  }
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new ItemInvalid({ code: 'E_KEY', field: part, message: `the row's ${part} holds a character that a key cannot carry` });
  }
}

/**
 * The body as it is stored, and the size of the whole row as a database counts it: keys, head and index keys included.
 *
 * @throws RowTooLarge above 350 KB, or for a head above 2 KB. @throws ItemInvalid for its keys.
 */
export function checkedBody(row: RowDraft): CheckedBody {
  const known = checked.get(row);
  if (known !== undefined) return known;
  const body = newlyChecked(row);
  checked.set(row, body);
  return body;
}

interface CheckedBody {
  readonly text: string;
  readonly bytes: number;
}

// Whoever makes a row asks whether it fits before the table does; the text is made once for both.
const checked = new WeakMap<RowDraft, CheckedBody>();

function newlyChecked(row: RowDraft): CheckedBody {
  checkKey(row);
  const text = JSON.stringify(row.body);
  const headBytes = row.head === undefined ? 0 : Buffer.byteLength(row.head);
  if (headBytes > headBytesMax) throw new RowTooLarge({ bytes: headBytes, max: headBytesMax });
  let bytes = Buffer.byteLength(text) + headBytes + Buffer.byteLength(row.pk) + Buffer.byteLength(row.sk);
  if (row.index !== undefined) {
    for (const [name, key] of Object.entries(row.index)) {
      if (key === undefined) continue;
      checkKeyText(`${name} index key`, key);
      bytes += Buffer.byteLength(key);
    }
  }
  if (bytes > rowBytesMax) throw new RowTooLarge({ bytes, max: rowBytesMax });
  if (row.expiresAt !== undefined && !Number.isSafeInteger(row.expiresAt)) {
    throw new RangeError(`expiresAt is ${row.expiresAt}, it has to be whole milliseconds since 1970`);
  }
  return { text, bytes };
}

/**
 * The bodies of one group in order, `undefined` for deletes and checks.
 *
 * @throws RangeError for more than 100 rows, more than 4 MB, or the same row named twice: our own bugs, whatever the data.
 */
export function checkedGroup(group: readonly TableWrite[]): readonly (string | undefined)[] {
  if (group.length > groupRowsMax) throw new RangeError(`a group of ${group.length} writes, at most ${groupRowsMax} go together`);
  let groupBytes = 0;
  const bodies = group.map((write) => {
    if (write.kind !== 'put') {
      checkKey(write.key);
      return undefined;
    }
    const { text, bytes } = checkedBody(write.row);
    groupBytes += bytes;
    return text;
  });
  if (groupBytes > groupBytesMax) throw new RangeError(`a group of ${groupBytes} bytes, at most ${groupBytesMax} go together`);
  if (group.length > 1 && new Set(group.map((write) => keyText(keyOf(write)))).size < group.length) {
    throw new RangeError('a group of writes names the same row twice');
  }
  return bodies;
}

export function keyOf(write: TableWrite): Key {
  return write.kind === 'put' ? write.row : write.key;
}

/** One text for one row, for use in a Map or Set. */
export function keyText(key: Key): string {
  return `${key.table}\0${key.pk}\0${key.sk}`;
}

/** @throws RangeError for a page of no or of half a row. */
export function checkedLimit(limit: number | undefined): number {
  if (limit === undefined) return pageRowsDefault;
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`a page of ${limit} rows cannot be asked for`);
  return limit;
}
