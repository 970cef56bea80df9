/**
 * What goes wrong between us and any vendor, to be switched on by a test: by call, by turn, or by luck from the seed.
 * A fault belongs to the way, not to the vendor; how one vendor misbehaves is in its own simulator.
 */
import type { Call } from './call.ts';

/**
 * - `status`: the given answer instead of the vendor's.
 * - `reset-before`: the connection breaks before the vendor saw the call; nothing happens there.
 * - `lost-answer`: the vendor acts, and the connection breaks before its answer arrives.
 * - `half-body`: the right status and headers, and the first half of the body. `ends: 'broken'` breaks the stream there,
 *   the default stops as if it were complete.
 * - `wrong-body`: 200 with an HTML page, as a captive portal or a proxy's error page answers.
 * - `hang`: no answer until the caller's signal aborts.
 * - `slow`: the call waits `ms` on the world's clock, then proceeds.
 */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly kind: 'reset-before' }
  | { readonly kind: 'lost-answer' }
  | { readonly kind: 'half-body'; readonly ends?: 'silently' | 'broken' }
  | { readonly kind: 'wrong-body'; readonly body?: string }
  | { readonly kind: 'hang' }
  | { readonly kind: 'slow'; readonly ms: number };

export type FaultKind = Fault['kind'];

/** All that is given must hold. `nth` counts this rule's matching calls from 1; `share` is a chance between 0 and 1. */
export type FaultCondition =
  | ((call: Call) => boolean)
  | { readonly method?: string; readonly pathPart?: string; readonly nth?: number; readonly share?: number };

export type FaultRule = Fault & {
  readonly when: FaultCondition;
  /** How often it strikes before it is over; once with `nth`, else without end. */
  readonly times?: number;
  /** For `status`, `wrong-body` and `hang`: the vendor acts first, as behind a gateway that gave up waiting. */
  readonly afterEffect?: boolean;
};

export interface Faults {
  /** The first rule that fits a call strikes. @returns a function that takes the rule away again */
  add(rule: FaultRule): () => void;
  clear(): void;
  /** How often each kind has struck. */
  readonly fired: Readonly<Record<FaultKind, number>>;
}

/** A set of rules and the question which of them strikes a call. */
export function faultRules(random: () => number): { faults: Faults; strike: (call: Call) => FaultRule | undefined } {
  let rules: { rule: FaultRule; matched: number; struck: number }[] = [];
  const fired: Record<FaultKind, number> = {
    status: 0,
    'reset-before': 0,
    'lost-answer': 0,
    'half-body': 0,
    'wrong-body': 0,
    hang: 0,
    slow: 0,
  };
  return {
    faults: {
      fired,
      add(rule) {
        const entry = { rule, matched: 0, struck: 0 };
        rules.push(entry);
        return () => {
          rules = rules.filter((other) => other !== entry);
        };
      },
      clear() {
        rules = [];
      },
    },
    strike(call) {
      for (const entry of rules) {
        if (!fits(entry.rule.when, call)) continue;
        entry.matched += 1;
        if (!isItsTurn(entry, random)) continue;
        entry.struck += 1;
        fired[entry.rule.kind] += 1;
        return entry.rule;
      }
      return undefined;
    },
  };
}

function fits(when: FaultCondition, call: Call): boolean {
  if (typeof when === 'function') return when(call);
  if (when.method !== undefined && when.method !== call.method) return false;
  return when.pathPart === undefined || call.path.includes(when.pathPart);
}

function isItsTurn(entry: { rule: FaultRule; matched: number; struck: number }, random: () => number): boolean {
  const when = typeof entry.rule.when === 'function' ? {} : entry.rule.when;
  const times = entry.rule.times ?? (when.nth === undefined ? Infinity : 1);
  if (entry.struck >= times || entry.matched < (when.nth ?? 1)) return false;
  return when.share === undefined || random() < when.share;
}
