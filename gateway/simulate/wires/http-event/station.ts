import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../../../clock.ts';
import { SimulationError } from '../../device.ts';
import { HttpLogin, type Login } from './login.ts';
import type { Endpoint } from '../../place.ts';

export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

export interface StationOptions {
  readonly at: Endpoint;
  /** What the gateway must log in with; without it, everybody is let in. */
  readonly login?: Login;
  /** The path of the stream; without it there is none. */
  readonly stream?: string;
  /** What everything else is answered with; undefined: nothing is there. */
  answer(asked: Asked): { readonly type: string; readonly text: string } | undefined;
  /** `silent`: accepts and says nothing; `refusing`: answers 503; `unplugged`: hangs up. */
  mood(): 'well' | 'silent' | 'refusing' | 'unplugged';
  readonly clock: Clock;
}

/** `drip`: byte by byte; `torn`: half of it, and the connection breaks. */
export type PartManner = 'plain' | 'drip' | 'torn';

const boundary = 'simulated';
const longestBody = 64 * 1024;

/** A device as the server it also is: a stream that never ends, searches, and orders, behind a digest login. */
export class HttpStation {
  readonly #options: StationOptions;
  readonly #server: Server;
  readonly #login: HttpLogin | null;
  readonly #streams = new Set<ServerResponse>();
  /** Requests without a good login. */
  refusals = 0;
  #opened: (() => void)[] = [];

  constructor(options: StationOptions) {
    this.#options = options;
    this.#login = options.login === undefined ? null : new HttpLogin(options.login);
    this.#server = createServer((request, response) => {
      // Whoever asks may hang up in the middle of it.
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server.on('connection', (socket) => {
      if (options.mood() === 'unplugged') socket.destroy();
    });
  }

  /** @throws SimulationError where the address is taken. */
  async start(): Promise<number> {
    const { host, port } = this.#options.at;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) =>
        reject(
          new SimulationError(
            `模拟设备不能在 ${host}:${port} 监听（${error.message}）。请停掉占用它的程序，或换一个端口`,
            `A simulated device cannot listen on ${host}:${port} (${error.message}). Stop the program that uses it, or choose another port.`,
          ),
        ),
      );
      this.#server.listen({ host, port }, resolve);
    });
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : port;
  }

  get hasListeners(): boolean {
    return this.#streams.size > 0;
  }

  /** Resolves when somebody holds the stream open. */
  listened(): Promise<void> {
    return this.hasListeners ? Promise.resolve() : new Promise((resolve) => this.#opened.push(resolve));
  }

  /** A part to everybody who listens. */
  async tell(type: string, text: string | Buffer, manner: PartManner = 'plain'): Promise<void> {
    const body = Buffer.from(text);
    const head = `--${boundary}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n\r\n`;
    const part = Buffer.concat([Buffer.from(head), body, Buffer.from('\r\n')]);
    for (const stream of this.#streams) {
      if (manner === 'plain') stream.write(part);
      else if (manner === 'torn') this.#tear(stream, part.subarray(0, head.length + body.length / 2));
      else await this.#drip(stream, part);
    }
  }

  cut(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.cut();
    });
  }

  #tear(stream: ServerResponse, bytes: Buffer): void {
    this.#streams.delete(stream);
    stream.write(bytes, () => stream.destroy());
  }

  async #drip(stream: ServerResponse, bytes: Buffer): Promise<void> {
    for (const byte of bytes) {
      stream.write(Buffer.of(byte));
      await this.#options.clock.sleep(1);
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url: target = '', headers } = request;
    const mood = this.#options.mood();
    if (mood === 'silent') return;
    const body = await textOf(request);
    if (mood !== 'well') return void response.writeHead(503).end();
    const challenge = this.#login?.challenge(method, target, headers.authorization) ?? null;
    if (challenge !== null) {
      this.refusals++;
      return void response.writeHead(401, { 'WWW-Authenticate': challenge }).end();
    }
    if (method === 'GET' && target === this.#options.stream) return this.#open(response);
    const said = this.#options.answer({ method, target, body });
    if (said === undefined) return void response.writeHead(404).end();
    response.writeHead(200, { 'Content-Type': said.type }).end(said.text);
  }

  #open(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': `multipart/mixed; boundary=${boundary}` });
    response.flushHeaders();
    this.#streams.add(response);
    response.on('close', () => this.#streams.delete(response));
    for (const opened of this.#opened.splice(0)) opened();
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length <= longestBody) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
