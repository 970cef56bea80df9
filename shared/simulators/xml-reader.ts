/**
 * A small, tolerant reader for the XML that CalDAV clients send: elements with their namespaces, attributes and text.
 * Left out on purpose: document types and entities of one's own; a body that has them is broken.
 */
export interface XmlElement {
  readonly ns: string;
  readonly name: string;
  /** By local name, without namespace. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

interface OpenElement {
  readonly tag: string;
  readonly ns: string;
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly scope: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

const piece = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<\/([^\s>]+)\s*>|<([^\s/>!?]+)((?:[^>"']|"[^"]*"|'[^']*')*?)(\/?)>|([^<]+)/y;
const attribute = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The root element; undefined for an empty text or anything that is not well-formed. */
export function readXml(text: string): XmlElement | undefined {
  const source = text.trim();
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  piece.lastIndex = 0;
  while (piece.lastIndex < source.length) {
    const match = piece.exec(source);
    if (!match) return undefined;
    const [, cdata, closing, opening, attributes = '', selfClosing, chars] = match;
    const parent = open.at(-1);
    if (opening !== undefined) {
      const element = opened(opening, attributes, parent?.scope ?? {});
      if (selfClosing !== '/') open.push(element);
      else if (parent) parent.children.push(element);
      else root = element;
    } else if (closing !== undefined) {
      const element = open.pop();
      if (element?.tag !== closing) return undefined;
      const outer = open.at(-1);
      if (outer) outer.children.push(element);
      else root = element;
    } else if (parent) {
      parent.text += cdata ?? decodeEntities(chars ?? '');
    } else if (chars?.trim()) {
      return undefined;
    }
  }
  return open.length === 0 ? root : undefined;
}

/** The direct child of that name. */
export function child(element: XmlElement | undefined, ns: string, name: string): XmlElement | undefined {
  return element?.children.find((candidate) => candidate.name === name && candidate.ns === ns);
}

/** All direct children of that name. */
export function childrenOf(element: XmlElement | undefined, ns: string, name: string): readonly XmlElement[] {
  return element?.children.filter((candidate) => candidate.name === name && candidate.ns === ns) ?? [];
}

function opened(tag: string, attributeText: string, outerScope: Readonly<Record<string, string>>): OpenElement {
  const scope = { ...outerScope };
  const attributes: Record<string, string> = {};
  for (const [, name = '', double, single] of attributeText.matchAll(attribute)) {
    const value = decodeEntities(double ?? single ?? '');
    if (name === 'xmlns') scope[''] = value;
    else if (name.startsWith('xmlns:')) scope[name.slice(6)] = value;
    else attributes[localName(name)] = value;
  }
  const colon = tag.indexOf(':');
  const prefix = colon === -1 ? '' : tag.slice(0, colon);
  return { tag, ns: scope[prefix] ?? '', name: localName(tag), attributes, scope, children: [], text: '' };
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (whole, hex?: string, decimal?: string, name?: string) => {
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    return entities[name ?? ''] ?? whole;
  });
}
