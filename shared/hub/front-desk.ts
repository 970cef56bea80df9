/**
 * What a person asks of the hub that needs no system: look at a pair, pause, go on. No vendor's client and no engine stands behind it, so
 * that the control plane of the cloud stays small. The rest is in desk.ts.
 */
import type { Clock } from '../base/clock.ts';
import { ConfigurationInvalid } from '../base/errors.ts';
import { pauseConnector, resumeConnector } from '../engine/word.ts';
import type { FieldValue } from '../sync/item.ts';
import type { Link } from '../sync/link.ts';
import { linksOf, type Memory } from './memory.ts';
import { timeText } from './status.ts';

/** A pair as a person decides about it. The only place where the hub shows what its items say. */
export interface PairShown {
  readonly connector: string;
  readonly stream: string;
  readonly key: string;
  readonly id: string;
  readonly state: Link['state'];
  readonly problem?: Link['problem'];
  /** How the systems are called. */
  readonly sides: { readonly source: string; readonly target: string };
  /** Open while the pair is parked; afterwards kept for 90 days, so that the answer can be taken back. */
  readonly conflict?: { readonly code: string; readonly since: string; readonly fields: readonly FieldShown[] } | undefined;
}

export interface FieldShown {
  readonly field: string;
  readonly source: FieldValue | undefined;
  readonly target: FieldValue | undefined;
}

export interface FrontDesk {
  /** @throws ConfigurationInvalid when nothing, or more than one thing, is meant. */
  pair(connectorId: string | undefined, id: string): Promise<PairShown>;
  /** @returns whether it was running until now. */
  pause(connectorId: string, by: string, why: string): Promise<boolean>;
  /** @returns whether it was paused until now. */
  resume(connectorId: string): Promise<boolean>;
}

export interface FrontDeskParts {
  readonly clock: Clock;
  readonly memories: readonly Memory[];
  /** @throws ConfigurationInvalid */
  readonly memory: (connectorId: string) => Memory;
}

export function frontDesk({ clock, memories, memory }: FrontDeskParts): FrontDesk {
  return {
    async pair(connectorId, id) {
      const found: { readonly memory: Memory; readonly link: Link }[] = [];
      for (const one of connectorId === undefined ? memories : [memory(connectorId)]) for (const link of await linksOf(one, id)) found.push({ memory: one, link });
      const parked = found.filter(({ link }) => link.state === 'parked');
      const [meant, ...others] = parked.length > 0 ? parked : found;
      if (meant === undefined) throw new ConfigurationInvalid([`nothing is known of ${id}; concord status tells what is parked`]);
      if (others.length > 0) throw new ConfigurationInvalid([`${id} can mean several things; name one by its key: ${[meant, ...others].map(({ link }) => `${link.key} (${link.stream} ${link.state})`).join(', ')}`]);
      return shown(meant.memory, meant.link, id);
    },
    pause: (connectorId, by, why) => pauseConnector(memory(connectorId).runs, { by, why, at: clock.now() }),
    resume: (connectorId) => resumeConnector(memory(connectorId).runs),
  };
}

async function shown({ entry, links }: Memory, link: Link, id: string): Promise<PairShown> {
  const record = await links.conflict(link.stream, link.key);
  const fields = (record?.fields ?? []).map((field): FieldShown => ({ field, source: record?.source[field], target: record?.target[field] }));
  return {
    connector: entry.id, stream: link.stream, key: link.key, id, state: link.state, problem: link.problem, sides: entry.sides,
    conflict: record && { code: record.code, since: timeText(record.openedAt), fields },
  };
}
