/**
 * The log: one JSON line for each message, for whoever has to find out afterwards what happened. What a run did is told by its
 * report, not here. No line holds a person's data: facts are ids, codes, counts and times.
 */
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
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

export interface LogFile {
  readonly path: string;
  /** A line that would make the file larger than this starts a new one; the old one is kept as `<path>.1`. Default 10 MB. */
  readonly bytesMax?: number | undefined;
  /** How many old files are kept, `.1` being the youngest. Default 5. */
  readonly keptMax?: number | undefined;
  /** Gets the lines that the file cannot take, and once why: a full disk must not stop what the log is only about. */
  readonly instead: (line: string) => void;
}

const usualBytesMax = 10_000_000;
const usualKeptMax = 5;

/**
 * Appends line by line and rotates by size. The file is opened anew for each line, so that somebody else may rotate it too, and two
 * processes may write it; its folder is made. Readable to its owner only.
 */
export function fileWriter({ path, bytesMax = usualBytesMax, keptMax = usualKeptMax, instead }: LogFile): (line: string) => void {
  let isTold = false;
  return (line) => {
    try {
      rotateIfFull(path, Buffer.byteLength(line), { bytesMax, keptMax });
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      appendFileSync(path, line, { mode: 0o600 });
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      if (!isTold) instead(`The log file ${path} cannot be written (${code}); its lines follow here.\n`);
      isTold = true;
      instead(line);
    }
  };
}

function rotateIfFull(path: string, added: number, { bytesMax, keptMax }: { readonly bytesMax: number; readonly keptMax: number }): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || size + added <= bytesMax) return;
  for (let number = keptMax - 1; number >= 1; number -= 1) renameIfThere(`${path}.${number}`, `${path}.${number + 1}`);
  if (keptMax > 0) renameIfThere(path, `${path}.1`);
  else rmSync(path, { force: true });
}

/** Another process may have been faster. */
function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
