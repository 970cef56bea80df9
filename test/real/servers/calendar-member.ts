/**
 * A person with a calendar program, as far as a CalDAV server can tell: makes a calendar, puts, edits and removes objects.
 * Plain fetch with Basic, none of Concord's own code, so that a fault there cannot hide itself here. Works with any server.
 * Not Node 24's own fetch: a long answer behind which the server closes the connection can end the process (nodejs/undici 5360).
 */
import fetch, { type Answer } from 'minipass-fetch';

export interface CalendarMember {
  /** Makes a calendar and answers its URL, with a slash at its end. */
  makeCalendar(name: string): Promise<string>;
  /** Puts a new object; refuses to overwrite. @returns its version */
  put(objectUrl: string, text: string): Promise<string>;
  /** Replaces an object, whatever its version. @returns the new version */
  edit(objectUrl: string, text: string): Promise<string>;
  remove(objectUrl: string): Promise<void>;
  /** An object's text, or undefined when there is none. */
  read(objectUrl: string): Promise<string | undefined>;
  /** The URLs of all objects in a calendar, in order. */
  list(calendarUrl: string): Promise<readonly string[]>;
  /** The names of what changed since a token (`''`: all there is), and the next token. */
  changesSince(calendarUrl: string, token: string): Promise<{ changed: string[]; gone: string[]; token: string }>;
  /** Any other request, signed in; for what the server does beyond this list. */
  request(method: string, url: string, init?: { headers?: Record<string, string>; body?: string }): Promise<Answer>;
}

export function calendarMember(account: { homeUrl: string; username: string; password: string }): CalendarMember {
  const authorization = `Basic ${Buffer.from(`${account.username}:${account.password}`, 'utf8').toString('base64')}`;
  const request: CalendarMember['request'] = async (method, url, init = {}) =>
    fetch(url, { method, headers: { ...init.headers, authorization }, ...(init.body === undefined ? {} : { body: init.body }), redirect: 'manual' });

  const store = async (objectUrl: string, text: string, condition: Record<string, string>): Promise<string> => {
    const answer = await expectDone(await request('PUT', objectUrl, { headers: { 'content-type': 'text/calendar; charset=utf-8', ...condition }, body: text }));
    const version = answer.headers.get('etag') ?? (await expectDone(await request('GET', objectUrl))).headers.get('etag');
    if (version === null) throw new Error('the calendar server gave no etag');
    return version;
  };
  return {
    request,
    makeCalendar: async (name) => {
      const url = new URL(`${encodeURIComponent(name)}/`, account.homeUrl).href;
      await expectDone(await request('MKCALENDAR', url, { headers: xml, body: mkcalendar(name) }));
      return url;
    },
    put: async (objectUrl, text) => store(objectUrl, text, { 'if-none-match': '*' }),
    edit: async (objectUrl, text) => store(objectUrl, text, {}),
    remove: async (objectUrl) => {
      await expectDone(await request('DELETE', objectUrl));
    },
    read: async (objectUrl) => {
      const answer = await request('GET', objectUrl);
      const text = await answer.text();
      if (answer.status === 404) return undefined;
      if (!answer.ok) throw new Error(`the calendar server answered ${answer.status}`);
      return text;
    },
    list: async (calendarUrl) => {
      const answer = await expectOk(await request('PROPFIND', calendarUrl, { headers: { ...xml, depth: '1' }, body: propfind }));
      const members = membersOf(await answer.text()).map((member) => new URL(member.href, calendarUrl).href);
      return members.filter((url) => url !== calendarUrl).sort();
    },
    changesSince: async (calendarUrl, token) => {
      const answer = await expectOk(await request('REPORT', calendarUrl, { headers: xml, body: syncCollection(token) }));
      const text = await answer.text();
      const members = membersOf(text);
      const next = /<(?:\w+:)?sync-token>([^<]+)</.exec(text)?.[1];
      if (next === undefined) throw new Error('the calendar server gave no sync token');
      return { changed: members.filter((member) => !member.gone).map(nameOf), gone: members.filter((member) => member.gone).map(nameOf), token: next };
    },
  };
}

/** One event as a person's program would write it. Times as in `20270304T180000Z`; `lines` are taken as they are. */
export function anEventObject(facts: { uid: string; summary: string; start?: string; end?: string; lines?: readonly string[] }): string {
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Example//Calendar program//EN',
    'BEGIN:VEVENT',
    `UID:${facts.uid}`,
    'DTSTAMP:20270110T080000Z',
    `DTSTART:${facts.start ?? '20270304T180000Z'}`,
    `DTEND:${facts.end ?? '20270304T193000Z'}`,
    `SUMMARY:${escapeText(facts.summary)}`,
    ...(facts.lines ?? []),
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');
}

/** Radicale keeps only what stands before a comma that is not escaped (confirmed on 3.1.8). */
function escapeText(text: string): string {
  return text.replaceAll(/[\\;,]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`);
}

const xml = { 'content-type': 'application/xml; charset=utf-8' };
const propfind = '<d:propfind xmlns:d="DAV:"><d:prop><d:getetag/></d:prop></d:propfind>';

function mkcalendar(name: string): string {
  const set = `<d:set><d:prop><d:displayname>${escapeXml(name)}</d:displayname></d:prop></d:set>`;
  return `<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">${set}</c:mkcalendar>`;
}

function syncCollection(token: string): string {
  const prop = '<d:prop><d:getetag/></d:prop>';
  return `<d:sync-collection xmlns:d="DAV:"><d:sync-token>${escapeXml(token)}</d:sync-token><d:sync-level>1</d:sync-level>${prop}</d:sync-collection>`;
}

/** Enough XML for a multistatus of hrefs and versions; the answers of these servers hold nothing else here. */
function membersOf(multistatus: string): { href: string; gone: boolean }[] {
  const responses = multistatus.match(/<(?:\w+:)?response>[\s\S]*?<\/(?:\w+:)?response>/g) ?? [];
  return responses.flatMap((response) => {
    const href = /<(?:\w+:)?href>([^<]+)</.exec(response)?.[1];
    const isGone = /<(?:\w+:)?status>HTTP\/1\.1 404/.test(response) && !/propstat>/.test(response);
    return href === undefined ? [] : [{ href, gone: isGone }];
  });
}

function nameOf(member: { href: string }): string {
  return decodeURIComponent(member.href.split('/').filter((part) => part !== '').at(-1) ?? '');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

async function expectOk(answer: Answer): Promise<Answer> {
  if (answer.ok) return answer;
  const text = await answer.text();
  throw new Error(`the calendar server answered ${answer.status}: ${text.slice(0, 300)}`);
}

/** For writes: there a 207 is a refusal in disguise (Xandikos). Reads the body to its end. */
async function expectDone(answer: Answer): Promise<Answer> {
  const text = await answer.text();
  if (answer.ok && answer.status !== 207) return answer;
  throw new Error(`the calendar server answered ${answer.status}: ${text.slice(0, 300)}`);
}
