import type { Clock, Timer } from '../clock.ts';
import type { WebNeeds } from './needs.ts';
import { startLocalServer } from './server.ts';

export interface ListenOptions {
  readonly needs: WebNeeds;
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly againMs: number;
  /** Told each time the address cannot be had. */
  readonly onTrouble: (zh: string, en: string, error: unknown) => void;
  readonly onUp: (url: string) => void;
}

/** The local API, tried again while its address cannot be had: nobody's alarm depends on it. */
export class LocalApi {
  readonly #options: ListenOptions;
  #server: { url: string; stop(): Promise<void> } | null = null;
  #timer: Timer | null = null;
  #opening: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: ListenOptions) {
    this.#options = options;
  }

  /** Null while it does not listen. */
  get url(): string | null {
    return this.#server?.url ?? null;
  }

  async start(): Promise<this> {
    await this.#open();
    return this;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#opening;
    await this.#server?.stop();
  }

  #open(): Promise<void> {
    this.#opening = this.#openOnce();
    return this.#opening;
  }

  async #openOnce(): Promise<void> {
    const { needs, host, port, clock, againMs, onTrouble, onUp } = this.#options;
    try {
      this.#server = await startLocalServer(needs, host, port);
      onUp(this.#server.url);
    } catch (error) {
      const { zh, en } = sentenceOf(error, `${host}:${port}`, port);
      onTrouble(zh, en, error);
      if (!this.#stopped) this.#timer = clock.after(againMs, () => void this.#open());
    }
  }
}

function sentenceOf(error: unknown, address: string, port: number): { zh: string; en: string } {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  if (code === 'EADDRINUSE')
    return {
      zh: `本地接口地址 ${address} 已被占用，网关照常运行，稍后自动再试。查看是谁占用：ss -ltnp sport = :${port}；或在现场文件里改 listen。`,
      en: `The local API's address ${address} is in use; the gateway runs without it and tries again. See by whom: ss -ltnp sport = :${port}; or change listen in the site file.`,
    };
  return {
    zh: `本地接口不能在 ${address} 监听（${code}），网关照常运行，稍后自动再试。请检查现场文件里的 listen。`,
    en: `The local API cannot listen on ${address} (${code}); the gateway runs without it and tries again. Check listen in the site file.`,
  };
}
