/**
 * The log: one JSON line for each message, for whoever has to find out afterwards what happened. What a run did is told by its
 * report, not here. No line holds a person's data: facts are ids, codes, counts and times.
 */
import { appendFileSync } from 'node:fs';
import pino from 'pino';
import type { Clock } from './clock.ts';
import type { LogLevel } from './config.ts';

export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface LogSettings {
  readonly clock: Clock;
  readonly level: LogLevel;
  /** Takes one whole line, its line end included. */
  readonly write: (line: string) => void;
  /** Asked for every line; see redact.ts. */
  readonly redact: (text: string) => string;
}

export function pinoLog({ clock, level, write, redact }: LogSettings): Log {
  const logger = pino(
    {
      level,
      base: null,
      formatters: { level: (label) => ({ level: label }) },
      timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
    },
    { write: (line: string) => write(redact(line)) },
  );
  return {
    debug: (facts, message) => logger.debug(facts, message),
    info: (facts, message) => logger.info(facts, message),
    warn: (facts, message) => logger.warn(facts, message),
    error: (facts, message) => logger.error(facts, message),
  };
}

/** Appends line by line; the file is opened anew each time, so that it can be rotated under us. Readable to its owner only. */
export function fileWriter(path: string): (line: string) => void {
  return (line) => appendFileSync(path, line, { mode: 0o600 });
}
