/**
 * The same log without the library, for functions of the cloud, where what is loaded is waited for at every cold start. What it is for
 * and what may stand in it: log.ts.
 */
import { logLevels } from './config.ts';
import type { Log, LogSettings } from './log.ts';

export function lineLog({ clock, level, write, redact }: LogSettings): Log {
  const from = logLevels.indexOf(level);
  const at = (name: 'debug' | 'info' | 'warn' | 'error') => (facts: object, message: string): void => {
    if (logLevels.indexOf(name) < from) return;
    write(`${redact(JSON.stringify({ level: name, time: new Date(clock.now()).toISOString(), ...facts, msg: message }))}\n`);
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
