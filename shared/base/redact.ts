/**
 * Takes secrets out of a text, wherever they stand in it: a last net under the rule that no message holds one. It knows the
 * values themselves, not the names of the fields they may hide in.
 */

// Shorter values would be found in innocent words.
const secretCharsMin = 6;

/** @returns a function that replaces each of `secrets`, also as it looks in JSON, in an address and as Basic credentials end. */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const long = secrets.filter((secret): secret is string => secret !== undefined && secret.length >= secretCharsMin);
  const spellings = new Set(long.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]));
  // The longest first, so that a secret that begins like another one is taken out whole.
  const inOrder = [...spellings].sort((left, right) => right.length - left.length);
  return (text) => inOrder.reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), text);
}
