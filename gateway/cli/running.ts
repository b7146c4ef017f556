import { dataOf } from '../commission/owner.ts';
import type { ServiceAsk } from '../service.ts';
import { askService } from '../service-socket.ts';
import { type Output, exit } from './output.ts';

/** The documents of an answer, each handed on as it comes; false where there was none, which has been said then. */
export async function askRunning(
  {
    site,
    ask,
    body,
    signal,
  }: { readonly site: string; readonly ask: ServiceAsk; readonly body: unknown; readonly signal?: AbortSignal },
  output: Output,
  take: (document: unknown) => void,
): Promise<boolean> {
  try {
    for await (const document of askService(await dataOf(site), ask, body, signal)) {
      const refused = errorIn(document);
      if (refused) {
        output.fail(exit.problem, refused);
        return false;
      }
      take(document);
    }
    return true;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (signal?.aborted === true) return true;
    if (!isNotRunning(error)) throw error;
    output.fail(exit.unreachable, code === 'EACCES' ? notOurs(site) : notRunning(site));
    return false;
  }
}

/** Whether it says that no gateway runs there, or one that this account may not ask. */
export function isNotRunning(error: unknown): boolean {
  return ['ENOENT', 'ECONNREFUSED', 'EACCES', 'ECONNRESET'].includes((error as NodeJS.ErrnoException).code ?? '');
}

function errorIn(document: unknown): { zh: string; en: string } | undefined {
  return typeof document === 'object' && document !== null && 'error' in document
    ? (document.error as { zh: string; en: string })
    : undefined;
}

function notRunning(site: string) {
  return {
    zh: `按 ${site} 没有网关在运行。启动：yihu-gateway run ${site}；网关不运行时，直接问设备用 yihu-gateway probe。`,
    en: `No gateway runs by ${site}. Start it: yihu-gateway run ${site}; without it, ask a device directly with yihu-gateway probe.`,
  };
}

function notOurs(site: string) {
  return {
    zh: `没有权限连接 ${site} 的网关。请用运行网关的账号执行，如 sudo -u yihu。`,
    en: `You may not reach the gateway of ${site}. Run this as the account that runs the gateway, such as sudo -u yihu.`,
  };
}
