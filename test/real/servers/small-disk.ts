/**
 * A folder on a disk of its own that can be filled to the last byte: a small tmpfs, mounted where that is allowed (root), gone
 * with this process. Where it is not, undefined: a limit on the size of files is the next best thing.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './processes.ts';

export interface SmallDisk {
  readonly folder: string;
  /** Until not a byte more fits, or `leaveKib` short of it. */
  fill(options?: { readonly leaveKib: number }): void;
  /** Removes what `fill` wrote. */
  free(): void;
  remove(): void;
}

export function smallDisk(sizeKib: number): SmallDisk | undefined {
  const folder = temporaryFolder('disk');
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeKib}k`, 'concord-test', folder], { stdio: 'ignore' }).status !== 0) return undefined;

  const unmount = () => void spawnSync('umount', ['--lazy', folder], { stdio: 'ignore' });
  process.once('exit', unmount);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill: ({ leaveKib } = { leaveKib: 0 }) => {
      const file = openSync(ballast, 'w');
      try {
        for (;;) writeSync(file, Buffer.alloc(4096));
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      } finally {
        closeSync(file);
      }
      truncateSync(ballast, statSync(ballast).size - leaveKib * 1024);
    },
    free: () => rmSync(ballast),
    remove: () => {
      process.off('exit', unmount);
      unmount();
    },
  };
}
