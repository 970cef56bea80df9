/**
 * Tells all that is remembered of one item: how the pair stands, why, and what happened last. Names of fields, never their
 * values: what an event says is for Directus and the calendar to show.
 */
import type { Link, StagedWrite } from '../sync/link.ts';
import { linksOf, type Memory } from './memory.ts';
import { timeText } from './status.ts';

export interface Explanation {
  readonly connector: string;
  readonly stream: string;
  readonly key: string;
  readonly state: Link['state'];
  readonly origin: Link['origin'];
  readonly source: Side;
  readonly target: Side;
  /** Why both sides agree that the pair is absent from one of them. */
  readonly absent?: string | undefined;
  /** The mapping under which they agreed last; absent where they never did. */
  readonly agreedUnder?: string | undefined;
  readonly staged?: { readonly plan: string; readonly planState: string; readonly at: string; readonly writes: readonly ExplainedWrite[] } | undefined;
  readonly claimedUntil?: string | undefined;
  readonly problem?: Link['problem'];
  readonly attempts?: number | undefined;
  readonly nextAttemptAt?: string | undefined;
  readonly conflict?: { readonly code: string; readonly since: string; readonly fields: readonly string[] } | undefined;
  /** The last ten outcomes, latest first. */
  readonly log: readonly { readonly at: string; readonly run: string; readonly outcome: string; readonly what: string; readonly where?: string | undefined; readonly why?: string | undefined }[];
}

interface Side {
  readonly system: string;
  readonly id?: string | undefined;
  readonly version?: string | undefined;
}

export interface ExplainedWrite {
  readonly kind: StagedWrite['kind'];
  readonly where: string;
  readonly fields: readonly string[];
  readonly reason: string;
}

/** Empty when nothing is known of it. */
export async function explainId(memory: Memory, id: string): Promise<readonly Explanation[]> {
  return Promise.all((await linksOf(memory, id)).map((link) => explained(memory, link)));
}

async function explained({ entry, links, runs }: Memory, link: Link): Promise<Explanation> {
  const { sides } = entry;
  const conflict = await links.conflict(link.stream, link.key);
  const plan = link.pending && (await runs.plan(link.pending.plan));
  return {
    connector: entry.id,
    stream: link.stream,
    key: link.key,
    state: link.state,
    origin: link.origin,
    source: { system: sides.source, id: link.sourceId, version: link.versions.source },
    target: { system: sides.target, id: link.targetId, version: link.versions.target },
    absent: link.absent,
    agreedUnder: link.base?.shape,
    staged: link.pending && {
      plan: link.pending.plan,
      planState: plan?.state ?? 'being made',
      at: timeText(link.pending.at),
      writes: link.pending.writes.map((write) => ({ kind: write.kind, where: sides[write.side], fields: write.kind === 'update' ? Object.keys(write.fields) : [], reason: write.reason })),
    },
    claimedUntil: link.claim && timeText(link.claim.until),
    problem: link.problem,
    attempts: link.attempts,
    nextAttemptAt: link.dueAt === undefined ? undefined : timeText(link.dueAt),
    // A closed conflict is kept for a while, so that a person can restore what lost; it explains nothing any more.
    conflict: conflict && link.state === 'parked' ? { code: conflict.code, since: timeText(conflict.openedAt), fields: conflict.fields } : undefined,
    log: link.log.toReversed().map(({ at, run, kind, what, side, why }) => ({ at: timeText(at), run, outcome: kind, what, where: side && sides[side], why })),
  };
}
