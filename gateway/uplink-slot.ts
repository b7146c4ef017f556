import { join } from 'node:path';
import { Witness } from '@yihu/device-profiles/vocabulary/witness.ts';
import type { Logger } from 'pino';
import { jsonAs } from './json-as.ts';
import type { Clock, Timer } from './clock.ts';
import { limits } from './limits.ts';
import type { Chance } from './random.ts';
import type { Log } from './store/log.ts';
import { loadIdentity } from './uplink/identity.ts';
import { Renewal } from './uplink/renewal.ts';
import type { Blobs } from './uplink/picture-sender.ts';
import { type Uplink, startUplink } from './uplink/uplink.ts';
import { version } from './version.ts';

export interface UplinkSlotOptions {
  /** Of the site file. */
  readonly gateway: string;
  readonly data: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly logger: Logger;
  /** Pictures that wait for the cloud. */
  readonly blobs?: Blobs | undefined;
  readonly onCloudTime: (cloudMs: number, withinMs: number) => void;
  /** The cloud has more of this log than the log itself: told once. */
  readonly onForked: () => void;
}

interface Problem {
  readonly zh: string;
  readonly en: string;
}

/** The place of the uplink: empty until the gateway is claimed, and filled by itself when it is. */
export class UplinkSlot {
  readonly #options: UplinkSlotOptions;
  #uplink: Uplink | null = null;
  #problem: Problem | null = null;
  #timer: Timer | null = null;
  #looking: Promise<void> = Promise.resolve();
  #stopped = false;
  #forked = false;
  readonly #renewal: Renewal;
  /** A command of the cloud; before somebody listens it is dropped, and the cloud sends it again. */
  onCommand: (payload: Buffer) => void = () => undefined;
  readonly #witnesses = new Set<(witness: Witness) => void>();

  constructor(options: UplinkSlotOptions) {
    const { clock, chance, logger } = options;
    this.#options = options;
    this.#renewal = new Renewal({
      folder: this.#folder,
      clock,
      chance,
      say: (word, payload) => this.#uplink?.say(word, payload) ?? false,
      onDone: ({ notAfter }) => {
        logger.info({ notAfter }, 'the certificate was renewed');
        if (this.#problem?.en === notRenewed.en) this.#problem = null;
      },
      onTrouble: (error, nextTryMs) => this.#notRenewed(error, nextTryMs),
    });
  }

  get #folder(): string {
    return join(this.#options.data, 'identity');
  }

  get uplink(): Uplink | null {
    return this.#uplink;
  }

  /** What keeps it from sending, with the next thing to do. */
  get problem(): Problem | null {
    return this.#problem;
  }

  async start(): Promise<this> {
    await this.#look();
    return this;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#looking;
    await this.#uplink?.stop();
  }

  /** Told of what becomes of a test alarm; returns what ends it. */
  followWitness(listener: (witness: Witness) => void): () => void {
    this.#witnesses.add(listener);
    return () => void this.#witnesses.delete(listener);
  }

  #witnessed(payload: Buffer): void {
    const witness = jsonAs(Witness, payload.toString('utf8'));
    if (witness === null) return this.#options.logger.warn({ bytes: payload.length }, 'the cloud sent what is no witness');
    for (const listener of this.#witnesses) listener(witness);
  }

  #look(): Promise<void> {
    this.#looking = this.#lookOnce();
    return this.#looking;
  }

  async #lookOnce(): Promise<void> {
    if (this.#uplink === null) await this.#fill();
    else if (this.#uplink.state().wire === 'connected') await this.#renew();
    if (this.#uplink !== null && !this.#forked && this.#uplink.state().wire === 'forked') {
      this.#forked = true;
      this.#options.onForked();
    }
    if (!this.#stopped) this.#timer = this.#options.clock.after(limits.lookAgainMs, () => void this.#look());
  }

  async #fill(): Promise<void> {
    const { gateway, log, clock, chance, logger, blobs, onCloudTime } = this.#options;
    const folder = this.#folder;
    try {
      const identity = await loadIdentity(folder);
      if (this.#stopped) return;
      if (!identity) return this.#say(notClaimed);
      this.#uplink = startUplink({
        gateway: identity.gateway,
        log,
        // Read at each connect, so that a renewed certificate is taken up.
        connect: async () => ((await loadIdentity(folder)) ?? identity).connect,
        clock,
        chance,
        logger,
        version,
        blobs,
        onCloudTime,
        onCommand: (payload) => this.onCommand(payload),
        onWitness: (payload) => this.#witnessed(payload),
        onCertificate: (payload) => this.#renewal.hear(payload),
      });
      if (identity.gateway === gateway) this.#problem = null;
      else this.#say(otherGateway(identity.gateway, gateway));
    } catch (error) {
      this.#say(unreadable(folder), error);
    }
  }

  /** Begun, not waited for: the cloud may take its time. */
  async #renew(): Promise<void> {
    try {
      const identity = await loadIdentity(this.#folder);
      if (identity) void this.#renewal.look(identity);
    } catch (error) {
      this.#say(unreadable(this.#folder), error);
    }
  }

  #notRenewed(error: unknown, nextTryMs: number): void {
    this.#options.logger.warn({ key: 'uplink', err: error, nextTryMs }, 'the certificate could not be renewed now');
    this.#problem ??= notRenewed;
  }

  #say(problem: Problem, error?: unknown): void {
    if (this.#problem?.en !== problem.en) this.#options.logger.warn({ key: 'uplink', err: error }, problem.en);
    this.#problem = problem;
  }
}

const notClaimed: Problem = {
  zh: '还没有认领到云端，数据先存在本机。运行：yihu-gateway claim <云端地址> <认领码>；认领后自动开始上送。',
  en: 'Not claimed by a cloud yet; everything is kept here. Run: yihu-gateway claim <cloud address> <claim code>; sending then begins by itself.',
};

const notRenewed: Problem = {
  zh: '证书快到期了，还没有换到新的，会自动再试。云端在线而这句话不消失时，请升级云端，或重新认领。',
  en: 'The certificate is near its end and has not been renewed yet; it is tried again by itself. If this stays while the cloud is there, bring the cloud up to date or claim again.',
};

function otherGateway(identity: string, site: string): Problem {
  return {
    zh: `本机登记的身份是 ${identity}，现场文件写的是 ${site}；数据以 ${identity} 的名义上送。请改正现场文件，或重新认领。`,
    en: `This machine is registered as ${identity}, the site file says ${site}; data is sent as ${identity}. Correct the site file, or claim again.`,
  };
}

function unreadable(folder: string): Problem {
  return {
    zh: `读不出网关身份 ${join(folder, 'identity.json')}，数据先存在本机。请检查权限；文件损坏时把它移走并重新认领。`,
    en: `The identity ${join(folder, 'identity.json')} cannot be read; everything is kept here. Check its permissions; if it is damaged, move it away and claim again.`,
  };
}
