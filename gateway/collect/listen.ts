import type { Server } from 'node:net';

/** `host:port` or `[::]:port`, as `listen` stands in the site file, in its parts. */
export function splitHostPort(text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
}

/** Resolves with the port that is listened on, which is another where 0 was asked for; rejects when it cannot be. */
export async function listenOn(server: Server, { host, port }: { host: string; port: number }): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}

/** Why nothing listens on `listen`, and what to do. */
export function listenProblem(error: Error, listen: string): { zh: string; en: string } {
  const code = (error as NodeJS.ErrnoException).code ?? error.message;
  if (code === 'EADDRINUSE') {
    return {
      zh: `${listen} 已被其他程序占用，请停止该程序或更改 listen`,
      en: `${listen} is in use by another program. Stop that program or change listen.`,
    };
  }
  return {
    zh: `无法在 ${listen} 监听（${code}），请检查地址与权限，系统会自动重试`,
    en: `Cannot listen on ${listen} (${code}). Check the address and permissions; it is tried again by itself.`,
  };
}
