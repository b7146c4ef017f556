import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Site } from '../config.ts';
import { localFolder } from '../local/desk.ts';
import { loadSite } from '../site.ts';
import { resetAccess, setupCodeIn } from '../web/access-file.ts';
import { defaultSite, failWithProblems } from './check.ts';
import { type Output, outputFor } from './output.ts';

export function addLogin(program: Command): void {
  program
    .command('login')
    .description('本地页面的登录 / sign-in of the local page')
    .command('reset')
    .argument('[site.yaml]', '现场文件 / site file', defaultSite)
    .description('忘记密码：作废它，换一个新的安装码 / the password is lost: forget it and make a new setup code')
    .action(async (file: string, options: { json?: boolean; lang?: string }) => {
      const output = outputFor(options);
      const loaded = await loadSite(resolve(file));
      if ('problems' in loaded) return failWithProblems(output, file, loaded.problems);
      const { setupCode } = await resetAccess(localFolder(loaded.site));
      output.result({ schema: 'yihu.login/1', setupCode }, [codeLine(setupCode, output)]);
    });
}

/** How an installer opens the page of this gateway; the code only before a password is chosen. */
export async function pageLines(site: Site, url: string | null, output: Output): Promise<string[]> {
  if (url === null) return [];
  const code = await setupCodeIn(localFolder(site));
  const addresses = addressesOf(url);
  const open = output.say({
    zh: `  用浏览器打开 ${addresses.join(' 或 ')}`,
    en: `  open ${addresses.join(' or ')} in a browser`,
  });
  return code === null ? [open] : [open, `  ${codeLine(code, output)}`];
}

/** The setup code of the site file that is at hand; null where there is none to show. */
export async function setupCodeOf(file: string): Promise<string | null> {
  if (!existsSync(file)) return null;
  const loaded = await loadSite(resolve(file));
  return 'site' in loaded ? setupCodeIn(localFolder(loaded.site)) : null;
}

export function codeLine(code: string, output: Output): string {
  return output.say({
    zh: `安装码 ${code}：打开页面时输入一次，然后自己设密码。`,
    en: `Setup code ${code}: the page asks for it once, then you choose a password.`,
  });
}

/** Where it listens on all addresses, those by which others reach this machine. */
function addressesOf(url: string): string[] {
  const { hostname, port } = new URL(url);
  if (hostname !== '0.0.0.0' && hostname !== '[::]') return [url];
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const reachable = own.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
  return (reachable.length > 0 ? reachable : ['127.0.0.1']).map((address) => `http://${address}:${port}`);
}
