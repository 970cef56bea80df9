/**
 * A `fetch` that gives prepared answers in order and keeps what it was asked, for tests that are about one exchange with a
 * server. The XML is written by hand after what the three servers send.
 */
import { caldavClient, type CaldavClient, type CaldavOptions } from '../../../shared/vendors/nextcloud/caldav.ts';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface Stub {
  readonly client: CaldavClient;
  readonly asked: readonly Asked[];
}

export const homeUrl = 'https://cloud.example/remote.php/dav/calendars/hub/';
export const calendarUrl = `${homeUrl}events/`;
export const calendarPath = '/remote.php/dav/calendars/hub/events/';

export function stub(answers: readonly (Response | Error)[], options: Partial<CaldavOptions> = {}): Stub {
  const waiting = [...answers];
  const asked: Asked[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    asked.push({ method: request.method, url: request.url, headers: request.headers, body: await request.text() });
    const answer = waiting.shift() ?? new Error('the test did not expect this request');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const client = caldavClient({ fetch }, { homeUrl, username: 'hub', password: 'secret', calendarName: 'nonprofit-events', ...options });
  return { client, asked };
}

/** A 207 with these children; prefixes as sabre has them. */
export function multistatus(...children: readonly string[]): Response {
  return xml(207, `<?xml version="1.0"?>\n<d:multistatus xmlns:d="DAV:" xmlns:cal="urn:ietf:params:xml:ns:caldav" xmlns:oc="http://owncloud.org/ns">${children.join('')}</d:multistatus>\n`);
}

export function xml(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { 'content-type': 'application/xml; charset=utf-8', ...headers } });
}

export function empty(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers });
}

export function found(href: string, props: string): string {
  return `<d:response><d:href>${href}</d:href><d:propstat><d:prop>${props}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`;
}

export function lost(href: string, status = '404 Not Found'): string {
  return `<d:response><d:href>${href}</d:href><d:status>HTTP/1.1 ${status}</d:status></d:response>`;
}

export function token(value: string): string {
  return `<d:sync-token>${value}</d:sync-token>`;
}

export function etag(value: string): string {
  return `<d:getetag>"${value}"</d:getetag>`;
}

/** sabre's error document. */
export function sabreError(status: number, exception: string, message: string, element = '', headers: Record<string, string> = {}): Response {
  return xml(
    status,
    `<?xml version="1.0" encoding="utf-8"?>\n<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">\n  <s:exception>${exception}</s:exception>\n  <s:message>${message}</s:message>\n  ${element}\n</d:error>`,
    headers,
  );
}
