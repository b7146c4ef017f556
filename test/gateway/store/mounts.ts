import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A small file system of its own, mounted in a temporary folder. */
export interface SmallDisk {
  readonly folder: string;
  remount(options: string): void;
  dispose(): void;
}

export function memoryDisk(bytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  return disk(folder, () => undefined);
}

/** ext4 in a file, over a loop device. */
export interface LoopDisk extends SmallDisk {
  /** Pulls the plug: what was not synced is gone. The file system answers nothing until it is `restored`. */
  cutPower(): void;
  restore(): void;
}

export function loopDisk(bytes: number): LoopDisk {
  const base = mkdtempSync(join(tmpdir(), 'yihu-loop-'));
  const [image, folder] = [join(base, 'image'), join(base, 'mounted')];
  execFileSync('truncate', ['-s', String(bytes), image]);
  execFileSync('mkfs.ext4', ['-q', '-F', image]);
  execFileSync('mkdir', [folder]);
  const mount = () => execFileSync('mount', ['-o', 'loop', image, folder]);
  mount();
  return {
    ...disk(folder, () => rmSync(base, { recursive: true, force: true })),
    cutPower: () => void execFileSync('xfs_io', ['-x', '-c', 'shutdown', folder]),
    restore() {
      execFileSync('umount', [folder]);
      mount();
    },
  };
}

/** Whether this machine has what `loopDisk` needs. */
export function loopDisksWork(): boolean {
  return (
    ['xfs_io', 'mkfs.ext4', 'losetup'].every((tool) => spawnSync('which', [tool]).status === 0) &&
    spawnSync('losetup', ['-f']).status === 0
  );
}

function disk(folder: string, after: () => void): SmallDisk {
  return {
    folder,
    remount: (options) => void execFileSync('mount', ['-o', `remount,${options}`, folder]),
    dispose() {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
      after();
    },
  };
}
