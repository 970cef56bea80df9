/**
 * Ctrl-C and its relatives: the first one asks for an end between two items, so that everything that was done is saved; the second
 * one ends at once.
 */
export interface Stops {
  readonly signal: AbortSignal;
  /** The exit code of whoever was stopped: 130 for Ctrl-C, 143 for SIGTERM. */
  code(): number;
  /** Whether the service manager (SIGTERM) rather than a person asked. */
  isService(): boolean;
  release(): void;
}

export function watchSignals(): Stops {
  const controller = new AbortController();
  let first: 'SIGINT' | 'SIGTERM' | undefined;
  const stop = (name: 'SIGINT' | 'SIGTERM') => {
    const code = name === 'SIGINT' ? 130 : 143;
    if (first !== undefined) process.exit(code);
    first = name;
    if (name === 'SIGINT' && process.stderr.isTTY) process.stderr.write('\nFinishing what is under way; Ctrl-C again ends at once.\n');
    controller.abort(new DOMException('stopped by a signal', 'AbortError'));
  };
  const onInterrupt = () => stop('SIGINT');
  const onTerminate = () => stop('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    code: () => (first === 'SIGTERM' ? 143 : 130),
    isService: () => first === 'SIGTERM',
    release: () => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}
