/**
 * How Nextcloud's WebDAV answers look: refusals with an exception class, multistatus documents, hrefs. Known namespaces have
 * fixed prefixes, others are numbered where they stand, as sabre does it (confirmed).
 */
import type { XmlElement } from './xml-reader.ts';

export const namespaces = {
  d: 'DAV:',
  cal: 'urn:ietf:params:xml:ns:caldav',
  cs: 'http://calendarserver.org/ns/',
  oc: 'http://owncloud.org/ns',
  /** Calendar properties live here, not in `http://nextcloud.org/ns`, to which the prefix `nc` is bound. */
  nextcloud: 'http://nextcloud.com/ns',
  apple: 'http://apple.com/ns/ical/',
} as const;

const prefixes = new Map<string, string>([
  [namespaces.d, 'd'],
  [namespaces.cal, 'cal'],
  [namespaces.cs, 'cs'],
  [namespaces.oc, 'oc'],
]);

/** Thrown inside the simulator; the router turns it into an answer, a person's action lets it through. */
export class DavRefusal extends Error {
  readonly status: number;
  readonly exception: string;
  readonly facts: { readonly element?: string; readonly headers?: Readonly<Record<string, string>> };

  constructor(status: number, exception: string, message: string, facts: DavRefusal['facts'] = {}) {
    super(message);
    this.status = status;
    this.exception = exception;
    this.facts = facts;
  }

  answer(): Response {
    const { element = '', headers = {} } = this.facts;
    const body =
      `<?xml version="1.0" encoding="utf-8"?>\n<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">\n` +
      `  <s:exception>${escapeXml(this.exception)}</s:exception>\n  <s:message>${escapeXml(this.message)}</s:message>\n  ${element}\n</d:error>\n`;
    return new Response(body, { status: this.status, headers: { 'content-type': 'application/xml; charset=utf-8', ...headers } });
  }
}

/** A refusal by one of sabre's own exception classes. */
export function sabreRefusal(status: number, name: string, message: string, facts: DavRefusal['facts'] = {}): DavRefusal {
  return new DavRefusal(status, `Sabre\\DAV\\Exception\\${name}`, message, facts);
}

export function notFound(message: string): DavRefusal {
  return sabreRefusal(404, 'NotFound', message);
}

/** An answer without a body, as sabre gives it. */
export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Response {
  const body = status === 204 || status === 304 ? null : '';
  return new Response(body, { status, headers: { 'content-type': 'text/html; charset=UTF-8', 'content-length': '0', ...headers } });
}

/** A 207 around `rows`; `tail` stands after them (the sync token). */
export function multistatus(rows: readonly string[], tail = ''): Response {
  const body =
    `<?xml version="1.0"?>\n<d:multistatus xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:cal="${namespaces.cal}" ` +
    `xmlns:cs="${namespaces.cs}" xmlns:oc="${namespaces.oc}" xmlns:nc="http://nextcloud.org/ns">${rows.join('')}${tail}</d:multistatus>`;
  return new Response(body, { status: 207, headers: { 'content-type': 'application/xml; charset=utf-8', vary: 'Brief,Prefer' } });
}

/** A thing with properties: `property` gives the inside of an element, or undefined where it has none. */
export interface DavNode {
  readonly href: string;
  /** @param key `{namespace}name` */
  property(key: string): string | undefined;
}

export interface AskedProperty {
  readonly ns: string;
  readonly name: string;
}

/** One row of a multistatus: what was found, and unless the client asked for less, what was not. */
export function propertiesRow(node: DavNode, asked: readonly AskedProperty[], isMinimal: boolean): string {
  let found = '';
  let missing = '';
  let numbered = 0;
  for (const { ns, name } of asked) {
    const inside = node.property(`{${ns}}${name}`);
    const prefix = prefixes.get(ns) ?? `x${(numbered += 1)}`;
    const declared = prefixes.has(ns) ? '' : ` xmlns:${prefix}="${escapeXml(ns)}"`;
    if (inside === undefined) missing += `<${prefix}:${name}${declared}/>`;
    else found += inside === '' ? `<${prefix}:${name}${declared}/>` : `<${prefix}:${name}${declared}>${inside}</${prefix}:${name}>`;
  }
  const propstats = (found === '' ? '' : propstat(found, '200 OK')) + (missing === '' || isMinimal ? '' : propstat(missing, '404 Not Found'));
  return `<d:response><d:href>${node.href}</d:href>${propstats === '' ? propstat('', '200 OK') : propstats}</d:response>`;
}

/** A row that says only that there is nothing. */
export function goneRow(href: string): string {
  return `<d:response><d:href>${href}</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>`;
}

export function propstat(inside: string, status: string): string {
  return `<d:propstat><d:prop>${inside}</d:prop><d:status>HTTP/1.1 ${status}</d:status></d:propstat>`;
}

/** The children of a `prop` element, as a list of names. */
export function askedIn(prop: XmlElement | undefined): readonly AskedProperty[] {
  return prop?.children.map(({ ns, name }) => ({ ns, name })) ?? [];
}

export function escapeXml(text: string): string {
  return /[&<>"]/.test(text) ? text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;') : text;
}

/** One path segment as Nextcloud writes it: `@ : ~ ( )` stay bare, the rest is escaped, in lower-case hex. */
export function encodeSegment(segment: string, isLowerCase: boolean): string {
  if (/^[\w.~()@:-]*$/.test(segment)) return segment;
  const encoded = encodeURIComponent(segment).replace(/[!'*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const bare = encoded.replaceAll('%40', '@').replaceAll('%3A', ':');
  return isLowerCase ? bare.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()) : bare;
}
