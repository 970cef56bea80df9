/**
 * Reads the outline that the older Python tool's config.yml is: `key: value` lines, maps in maps by indentation, and lists of them. This is
 * not YAML, and does not try to be: no YAML reader is among our packages, and one of our own would be wrong somewhere. Whatever is not plainly one
 * of these lines is refused with its number, never with its text: it may hold a password. Pure.
 */
import { ConfigurationInvalid } from '../../base/errors.ts';

export interface OutlineEntry {
  /** `['LibCal', 'locations', '0', 'name']` */
  readonly path: readonly string[];
  /** Undefined where it is not wanted: then it was not even looked at. */
  readonly value: string | undefined;
}

interface Frame {
  readonly indent: number;
  readonly path: readonly string[];
  readonly kind: 'map' | 'list';
  next: number;
}

interface Opened {
  readonly indent: number;
  readonly path: readonly string[];
}

const plainStart = '[^\\s\'"#&*!|>%@`{}\\[\\],?:-]';
const keyLine = new RegExp(`^(?:"([^"\\\\]*)"|'([^']*)'|(${plainStart}[^:#'"{}\\[\\]]*?)) *:(?: +(.*))?$`);
const plainValue = new RegExp(`^${plainStart}(?:[^:#]|:(?! |$)|(?<! )#)*$`);

/** @param isWanted  Whether a value is to be read; of the others only the name is told. @throws ConfigurationInvalid with the line that it cannot read. */
export function readOutline(text: string, name: string, isWanted: (path: readonly string[]) => boolean): readonly OutlineEntry[] {
  const entries = new Map<string, OutlineEntry>();
  const frames: Frame[] = [{ indent: 0, path: [], kind: 'map', next: 0 }];
  let opened: Opened | undefined;
  for (const [at, raw] of text.replace(/^\uFEFF/, '').split('\n').entries()) {
    const refuse = (): ConfigurationInvalid => new ConfigurationInvalid([`${name}, line ${at + 1}: only lines of \`key: value\`, maps in maps and lists of them can be read; write this one so, or leave it out`]);
    const line = raw.trimEnd();
    if (/^\s*(?:#.*)?$/.test(line) || line === '---') continue;
    const [, blanks = '', dash = '', rest = ''] = /^( *)(- +)?(.*)$/.exec(line) ?? [];
    const frame = frameFor(frames, opened, { indent: blanks.length, kind: dash === '' ? 'map' : 'list' });
    if (frame === undefined) throw refuse();
    opened = undefined;
    const path = dash === '' ? frame.path : [...frame.path, String(frame.next++)];
    const [, double, single, plain, value = ''] = keyLine.exec(rest) ?? [];
    const key = double ?? single ?? plain;
    if (key === undefined && dash === '') throw refuse();
    const own = key === undefined ? path : [...path, key];
    const indent = blanks.length + dash.length;
    if (key !== undefined && dash !== '') frames.push({ indent, path, kind: 'map', next: 0 });
    if (entries.has(JSON.stringify(own))) throw refuse();
    const read = isWanted(own) ? valueIn(key === undefined ? rest : value) : undefined;
    if (read === undefined && isWanted(own)) throw refuse();
    entries.set(JSON.stringify(own), { path: own, value: read });
    if (key !== undefined && /^(?:#.*)?$/.test(value)) opened = { indent, path: own };
  }
  return [...entries.values()];
}

/** Where a line belongs: below the key that was just opened, or to one of the maps and lists that it stands in. */
function frameFor(frames: Frame[], opened: Opened | undefined, line: Pick<Frame, 'indent' | 'kind'>): Frame | undefined {
  if (opened !== undefined && (line.indent > opened.indent || (line.indent === opened.indent && line.kind === 'list'))) {
    frames.push({ ...line, path: opened.path, next: 0 });
    return frames.at(-1);
  }
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    if (frame.indent === line.indent && frame.kind === line.kind) return frame;
    // A list may stand as far left as the key it belongs to.
    if (frame.indent < line.indent || (frame.indent === line.indent && frame.kind === 'map')) return undefined;
    frames.pop();
  }
  return undefined;
}

/** Undefined for what is not plainly a text or a number. */
function valueIn(text: string): string | undefined {
  const [, double, single] = /^(?:"([^"\\]*)"|'((?:[^']|'')*)')(?: +#.*)?$/.exec(text) ?? [];
  if (double !== undefined || single !== undefined) return double ?? single?.replaceAll("''", "'");
  const bare = text.replace(/(?:^| +)#.*$/, '');
  return bare === '' || plainValue.test(bare) ? bare : undefined;
}
