import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

export type Secret = { readonly secret: string } | { readonly wrong: { readonly zh: string; readonly en: string } };

/** A password from its file: read anew each time, so that a changed one needs no restart. Others must not be able to read it. */
export function readSecret(folder: string, file: string): Secret {
  const path = resolve(folder, file);
  try {
    if ((statSync(path).mode & 0o077) !== 0)
      return {
        wrong: {
          zh: `密码文件 ${path} 可被其他用户读取，请执行 chmod 600 ${path}`,
          en: `The password file ${path} can be read by others. Run: chmod 600 ${path}`,
        },
      };
    return { secret: readFileSync(path, 'utf8').trimEnd() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return {
      wrong: {
        zh: `读不到密码文件 ${path}（${code}），请检查路径和权限`,
        en: `The password file ${path} cannot be read (${code}). Check the path and its permissions.`,
      },
    };
  }
}
