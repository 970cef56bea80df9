/**
 * A row's body, packed: deflated against a fixed text of what our bodies commonly say, and what stands in the same row in clear (its key and
 * its head: ids, versions and digests, which the body says once more). DynamoDB bills every KB of a row with each write: a link of ten short
 * fields with a change staged and ten outcomes is 3.7 KB as text, 1.4 KB as a row deflated alone and 0.98 KB like this. It takes 80 us.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { RowDraft } from '../base/table.ts';

/** What stands in the same row in clear. */
export type InClear = Pick<RowDraft, 'pk' | 'sk' | 'head'>;

const bodyBytesMax = 1024 * 1024; // no row may have so much: what unpacks to more is not ours

/**
 * The commonest last, where a reference is shortest. It must never change, not by a character: rows are unpacked with the text they were
 * packed with. A better one needs an attribute of its own (dynamo-rows.ts). What it lacks is packed all the same, only longer.
 */
const commonlySaid =
  '"problem":{"code":"message":"both sides changed "dueAt":"attempts":"recheck":true"missing":{"rewrites":{"goneAt":"parents":{"scope":{"tried":[{"not approved"rejected"withdrawn"linked"told"' +
  'proof":{"kind":"delete","says-so"}look-up"tombstone"{"kind":"update","side":"source","fields":{"entity":{"title":"","start":"2027-T08:00:00Z","end":"allDay":false,"description":"","location":""' +
  ',"website":"https://www."organizer":"cost":"categories":["changedAt":"T00:00.000Z"},"reason":"changed"}],"next":{"claim":{"worker":"","until":"key":"match":"","pending":{"id":"202","plan":"at":1"' +
  'writes":[{"kind":"create","side":"target","key":"origin":"adopted","versions":{"source":"created:"target":"\\"state":"pending","lives":0,"log":[{"at":17,"run":"20260"kind":"skipped","what":"absent"' +
  'rebased"},{"at":1,"kind":"applied","what":"updated","why":"changed"created","why":"new","side":"target"}],"touched":"sourceId":"","seen":{"source":"","target":""},"targetId":".ics","ours":"\\""' +
  'base":{"shape":"directus-nextcloud/1","source":{"whole":"","fields":{"title":"","start":"","end":"","allDay":"","description":"","location":"","website":"","organizer":"","cost":"","categories":""' +
  ',"recurrence":""}},"target":{"whole":"","fields":{"origin":"created","state":"agreed"}}}';

export function packed(body: string, row: InClear): Uint8Array {
  return deflateRawSync(timesShort(body), { dictionary: said(row) });
}

/**
 * Reads also what was deflated alone, as rows were until 2026-11: it refers to nothing before its own beginning.
 *
 * @throws for what nobody has packed, and for more than 1 MB. Beside another key or head it is not the body that comes back.
 */
export function unpacked(body: Uint8Array, row: InClear): string {
  return timesLong(inflateRawSync(body, { dictionary: said(row), maxOutputLength: bodyBytesMax }).toString('utf8'));
}

/**
 * Each outcome of a log tells its time and, in the name of its run, nearly the same time again: digits, which nothing deflates. Said as the
 * run's second and what had passed since, base 36, behind a plus that no JSON has there. Within a text of the body quotes are escaped, so
 * nothing that somebody wrote looks like it.
 */
const timesShort = (body: string): string =>
  body.replace(/"at":(\d+),"run":"(\d{8}T\d{6}Z)/g, (whole, at: string, stamp: string) => {
    const startMs = Date.parse(stamp.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));
    const short = `"at":+${(Number(at) - startMs).toString(36)},"run":"${(startMs / 1000).toString(36)}Z`;
    return timesLong(short) === whole ? short : whole;
  });

const timesLong = (body: string): string =>
  body.replace(/"at":\+([\da-z]+),"run":"([\da-z]+)Z/g, (_short, since: string, start: string) => {
    const startMs = Number.parseInt(start, 36) * 1000;
    return `"at":${startMs + Number.parseInt(since, 36)},"run":"${new Date(startMs).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  });

const said = ({ pk, sk, head = '' }: InClear): Buffer => Buffer.from(`${commonlySaid}\n${pk}\n${sk}\n${head}`);
