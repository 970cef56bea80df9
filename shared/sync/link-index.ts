/**
 * A million links in a few tens of megabytes: for each side's id, a 64-bit fingerprint of the version and of the whole
 * digest that the link last knew, in open addressing over typed arrays. It answers the two questions of a scan: is this
 * item as the link knows it, and which links did the scan not name? Anything else loads the link itself.
 * Two ids share a fingerprint once in some ten million tables of a million links; then an absence is not noticed. Pure.
 */

/** One link's short form, as listings return it. */
export interface LinkHead {
  readonly key: string;
  readonly ids: { readonly source: string; readonly target: string };
  readonly versions: { readonly source: string; readonly target: string };
  readonly wholes: { readonly source: string; readonly target: string };
  readonly shape: string;
  readonly state: string;
}

const words = 6; // id low, id high, version low, version high, whole low, whole high

export class SideIndex {
  private slots: Uint32Array;
  private seenBits: Uint8Array;
  private mask: number;
  count = 0;

  /** @param expected  How many links there will be, about; it grows by itself. */
  constructor(expected = 1024) {
    let size = 2048;
    while (size < expected * 1.6) size *= 2;
    this.slots = new Uint32Array(size * words);
    this.seenBits = new Uint8Array(size);
    this.mask = size - 1;
  }

  add(id: string, version: string, whole: string): void {
    if (this.count * 1.5 > this.mask) this.grow();
    const low = fingerprint(id, 0x9e3779b1) || 1;
    const high = fingerprint(id, 0x85ebca77);
    const at = this.slotOf(low, high);
    if (this.slots[at] === 0) this.count++;
    this.slots.set([low, high, fingerprint(version, 3), fingerprint(version, 5), fingerprint(whole, 7), fingerprint(whole, 11)], at);
  }

  /**
   * Marks the id as seen and says how the sighting compares: `same` when the version is the known one, or, where neither
   * has a version, when the digest is.
   */
  see(id: string, version: string, whole: string): 'same' | 'changed' | 'unknown' {
    const at = this.slotOf(fingerprint(id, 0x9e3779b1) || 1, fingerprint(id, 0x85ebca77));
    if (this.slots[at] === 0) return 'unknown';
    this.seenBits[at / words] = 1;
    if (version !== '') return this.holds(at + 2, version, 3, 5) ? 'same' : 'changed';
    return whole !== '' && this.holds(at + 4, whole, 7, 11) ? 'same' : 'changed';
  }

  has(id: string): boolean {
    return this.slots[this.slotOf(fingerprint(id, 0x9e3779b1) || 1, fingerprint(id, 0x85ebca77))] !== 0;
  }

  wasSeen(id: string): boolean {
    const at = this.slotOf(fingerprint(id, 0x9e3779b1) || 1, fingerprint(id, 0x85ebca77));
    return this.slots[at] !== 0 && this.seenBits[at / words] === 1;
  }

  private holds(at: number, text: string, seedA: number, seedB: number): boolean {
    return this.slots[at] === fingerprint(text, seedA) && this.slots[at + 1] === fingerprint(text, seedB);
  }

  private slotOf(low: number, high: number): number {
    let slot = (low ^ (high << 7)) & this.mask;
    for (;;) {
      const at = slot * words;
      if (this.slots[at] === 0 || (this.slots[at] === low && this.slots[at + 1] === high)) return at;
      slot = (slot + 1) & this.mask;
    }
  }

  private grow(): void {
    const { slots, seenBits } = this;
    const size = (this.mask + 1) * 2;
    this.slots = new Uint32Array(size * words);
    this.seenBits = new Uint8Array(size);
    this.mask = size - 1;
    for (let at = 0; at < slots.length; at += words) {
      if (slots[at] === 0) continue;
      const to = this.slotOf(slots[at] ?? 0, slots[at + 1] ?? 0);
      this.slots.set(slots.subarray(at, at + words), to);
      this.seenBits[to / words] = seenBits[at / words] ?? 0;
    }
  }
}

/** 32 bits of a text, spread well enough for a table; not for secrets. */
export function fingerprint(text: string, seed: number): number {
  let hash = seed ^ text.length;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x5bd1e995) ^ (hash >>> 15);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const separator = '\u001f';

export function headText(head: Omit<LinkHead, 'key'>): string {
  return [head.ids.source, head.versions.source, head.wholes.source, head.ids.target, head.versions.target, head.wholes.target, head.shape, head.state].join(separator);
}

export function parseHead(key: string, text: string): LinkHead {
  const [sourceId = '', sourceVersion = '', sourceWhole = '', targetId = '', targetVersion = '', targetWhole = '', shape = '', state = ''] = text.split(separator);
  return {
    key,
    ids: { source: sourceId, target: targetId },
    versions: { source: sourceVersion, target: targetVersion },
    wholes: { source: sourceWhole, target: targetWhole },
    shape,
    state,
  };
}
