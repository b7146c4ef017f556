import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { link, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Site } from '../config.ts';

type Where = Pick<Site, 'file' | 'profileFolders'>;

/** Beside the site file, where it names no folder of profiles. `yihu-gateway profile new` writes into one of this name too. */
const usualFolder = 'profiles';

/** 自有档案: where profiles that were made at this site are kept. What the cloud has pushed is named by what it holds, and stays so. */
export function ownFolder({ file, profileFolders }: Where): string {
  const folder = dirname(file);
  const isPushed = (path: string) => relative(folder, path).startsWith('.pushed/');
  return profileFolders.find((path) => !isPushed(path)) ?? resolve(folder, usualFolder);
}

/** Folders to read profiles from: those that the site file names, and the usual one where somebody has begun it. */
export function foldersOf(site: Where): string[] {
  const own = ownFolder(site);
  return site.profileFolders.includes(own) || !existsSync(own) ? [...site.profileFolders] : [...site.profileFolders, own];
}

/** What the site file must name under `profiles` so that it finds this profile; null where it does, or where there is none. */
export function folderToName(site: Where, profile: string): string | null {
  return !site.profileFolders.includes(ownFolder(site)) && existsSync(fileOf(site, profile)) ? usualFolder : null;
}

/** `acme.m1` is `acme/m1.yaml`. */
export function fileOf(site: Where, id: string): string {
  return fileIn(ownFolder(site), id);
}

function fileIn(folder: string, id: string): string {
  const [maker = '', ...model] = id.split('.');
  return join(folder, maker, `${model.join('.')}.yaml`);
}

/** Whether one of the site's folders has a profile of this id. */
export function isOwn(site: Where, id: string): boolean {
  return [ownFolder(site), ...site.profileFolders].some((folder) => existsSync(fileIn(folder, id)));
}

/** As it is written beside the site file. */
export function shownFile({ file }: Pick<Site, 'file'>, path: string): string {
  return relative(dirname(file), path);
}

/**
 * Whole or not at all, also when the power goes: a profile that is cut off would keep the site from being read. A file that
 * is there stays as it is. @throws EEXIST, and where the folder takes no file.
 */
export async function writeNew(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', 0o644);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await link(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
