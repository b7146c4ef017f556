import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Heard {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Said {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Keeps the answer back for ever. */
  readonly hang?: boolean;
  readonly reset?: boolean;
}

/** The other side of an HTTP channel: keeps what it heard and says what the test wants. */
export interface ProviderServer {
  readonly url: string;
  readonly heard: Heard[];
  say: (heard: Heard) => Said;
  stop(): Promise<void>;
}

export async function providerServer(): Promise<ProviderServer> {
  const heard: Heard[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: Buffer.concat(chunks) };
      heard.push(one);
      const { status = 200, headers: out = {}, body = '', hang, reset } = provider.say(one);
      if (reset) return void request.socket.destroy();
      if (!hang) response.writeHead(status, out).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const provider: ProviderServer = {
    url: `http://127.0.0.1:${port}`,
    heard,
    say: () => ({}),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return provider;
}
