/**
 * Names of calendar objects. Servers spell the same address differently (`%C3%A9` comes back as `%c3%a9`, `%40` as `@`, full
 * URL or path), so a name is the decoded last segment, and everything is compared decoded.
 */

/** With a slash at the end; without query, fragment and credentials. */
export function collectionUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.endsWith('/') ? pathname : `${pathname}/`}`;
}

/** The address of an object, for a request. */
export function hrefOf(collection: string, name: string): string {
  return `${collectionUrl(collection)}${encodeURIComponent(name)}`;
}

/** As `hrefOf`, without the origin: what stands in a multiget. */
export function pathOf(collection: string, name: string): string {
  return new URL(hrefOf(collection, name)).pathname;
}

/** The name of the object that an href means; undefined for the collection itself, what lies deeper, and what lies elsewhere. */
export function nameIn(collection: string, href: string): string | undefined {
  const base = segmentsOf(collectionUrl(collection), collection);
  const path = segmentsOf(href, collection);
  if (path === undefined || base === undefined || path.length !== base.length + 1 || isCollection(href, collection)) return undefined;
  return base.every((segment, index) => segment === path[index]) ? path.at(-1) : undefined;
}

export function isSameAddress(a: string, b: string): boolean {
  const [first, second] = [segmentsOf(a, b), segmentsOf(b, b)];
  return first !== undefined && second !== undefined && first.join('/') === second.join('/');
}

/** The decoded last segment; empty for a root. */
export function lastSegment(href: string): string {
  return segmentsOf(href, 'https://any.invalid/')?.at(-1) ?? '';
}

/** Whether one of the address's decoded segments is this name, in any letter case. */
export function hasSegment(url: string, name: string): boolean {
  return segmentsOf(url, url)?.some((segment) => segment.toLowerCase() === name.toLowerCase()) ?? false;
}

function segmentsOf(href: string, base: string): readonly string[] | undefined {
  const url = URL.parse(href, collectionUrl(base));
  return url?.pathname.split('/').filter((segment) => segment !== '').map(decoded);
}

function isCollection(href: string, base: string): boolean {
  return URL.parse(href, collectionUrl(base))?.pathname.endsWith('/') ?? false;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // Not UTF-8: an old name in another character set. It stays as it is.
  }
}
