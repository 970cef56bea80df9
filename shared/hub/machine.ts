/**
 * Who we are among the processes that share one state, and whether another one of them is known to be dead: then its lease and
 * its claims need not be waited for.
 */
import { hostname } from 'node:os';

export interface Machine {
  readonly hostname: string;
  readonly pid: number;
  /** Epoch ms; tells this process from an older one with the same number, as in a container, where it is always 1. */
  readonly startedAt: number;
  readonly isRunning: (pid: number) => boolean;
}

export function thisMachine(startedAt: number): Machine {
  return { hostname: hostname(), pid: process.pid, startedAt, isRunning };
}

/** `<host>:<pid>:<start>`. */
export const workerName = (machine: Machine): string => `${machine.hostname}:${machine.pid}:${machine.startedAt.toString(36)}`;

/** Only of this host's processes anything can be known. */
export function isDeadWorker(machine: Machine, worker: string): boolean {
  const [, host, pid, start] = /^(.*):(\d+):([0-9a-z]+)$/.exec(worker) ?? [];
  if (host !== machine.hostname || pid === undefined) return false;
  if (Number(pid) === machine.pid) return start !== machine.startedAt.toString(36);
  return !machine.isRunning(Number(pid));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0); // signal 0 only asks
    return true;
  } catch (error) {
    // EPERM: it runs, and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
