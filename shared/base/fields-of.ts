/** What came from outside, as names and values of which nothing is known yet; nothing at all where it has no names. */
export function fieldsOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
