/** What is made at the first use and then kept: in a function of the cloud, for the life of its sandbox. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
