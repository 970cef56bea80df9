/**
 * Versions of calendar objects. Proxies mark an etag as weak or append the name of a compression; sent back like that, the
 * server answers 412 (confirmed), so both come off.
 */

/** The strong, quoted form; undefined when there is none. */
export function normaliseEtag(raw: string | null | undefined): string | undefined {
  const bare = (raw ?? '')
    .trim()
    .replace(/^W\//i, '')
    .replace(/^"(.*)"$/, '$1')
    .replace(/(?:--?|;)(?:gzip|br|deflate|zstd)$/, '');
  return bare === '' ? undefined : `"${bare}"`;
}

/** The etag that a write was answered with; undefined when weak, because then it may not name the bytes that we sent. */
export function writtenEtag(headers: Headers): string | undefined {
  const raw = headers.get('etag');
  return raw === null || /^\s*W\//i.test(raw) ? undefined : normaliseEtag(raw);
}
