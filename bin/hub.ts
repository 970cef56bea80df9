/**
 * What the verbs need of a hub that may also be elsewhere: this machine's own (local.ts) or a deployed one (remote-hub.ts).
 */
import type { LocalHub, LocalRunOptions } from '../shared/hub/local.ts';
import type { HeldPlan } from '../shared/hub/memory.ts';
import type { RunReport } from '../shared/sync/report.ts';

/** A held plan without its lines: those are shown by `plan`. */
export type PlanName = Pick<HeldPlan, 'id' | 'connector' | 'waiting'>;

export type AnyHub = Pick<LocalHub, 'status' | 'explain' | 'release' | 'runsAgain' | 'carryOut' | 'pair' | 'settle' | 'undo' | 'done' | 'replay' | 'pause' | 'resume'> & {
  run(connectorId: string, options?: LocalRunOptions): Promise<RunReport>;
  plans(): Promise<readonly PlanName[]>;
  /** @throws ConfigurationInvalid where it is not set up. */
  refuseUnready(connectorId: string): Promise<void>;
};
