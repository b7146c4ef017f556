import { join } from 'node:path';
import type { LocalClaim, LocalClaimRequest } from '@yihu/device-profiles/vocabulary/local-claim.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Parts } from '../main.ts';
import { loadIdentity } from '../uplink/identity.ts';

const busy: Text = { zh: '正在认领，请等它结束。', en: 'A claim is under way; wait for it.' };
const off: Text = {
  zh: '现场文件写着 uplink: off，这台网关独立工作。改成 on 并重启后再认领。',
  en: 'The site file says uplink: off, so this gateway works alone. Say on, start it anew, and claim then.',
};

/** 认领 from the page: as `yihu-gateway claim`; the uplink takes the identity up by itself. */
export class Claiming {
  readonly #parts: Pick<Parts, 'site' | 'uplink' | 'clock'>;
  #problem: Text | null = null;
  #work: Promise<void> | null = null;

  constructor(parts: Pick<Parts, 'site' | 'uplink' | 'clock'>) {
    this.#parts = parts;
  }

  async state(): Promise<LocalClaim> {
    const { site, uplink } = this.#parts;
    const identity = await loadIdentity(this.#folder).catch(() => undefined);
    const state = uplink?.uplink?.state();
    const shown = identity && {
      gateway: identity.gateway,
      digits: identity.digits,
      cloud: URL.parse(identity.connect.url)?.host ?? '',
      notAfter: identity.notAfter,
    };
    return {
      isOff: !site().uplink,
      isBusy: this.#work !== null,
      problem: this.#problem,
      identity: shown ?? null,
      wire: state?.wire ?? null,
      reason: uplink?.problem ?? (state === undefined || state.wire === 'connected' ? null : state.reason),
    };
  }

  /** Begins it; `state` tells what came of it. The cloud may take its time. */
  start(asked: LocalClaimRequest): { readonly refused: Text } | null {
    if (!this.#parts.site().uplink) return { refused: off };
    if (this.#work !== null) return { refused: busy };
    this.#problem = null;
    this.#work = this.#claim(asked).finally(() => (this.#work = null));
    return null;
  }

  async end(): Promise<void> {
    await this.#work;
  }

  async #claim({ url, code }: LocalClaimRequest): Promise<void> {
    const { site, clock } = this.#parts;
    // Certificates take a while to load; only a claim needs them.
    const { ClaimError, claim } = await import('../uplink/claim.ts');
    try {
      await claim({ url, code, gatewayId: site().gateway.id, folder: this.#folder, clock });
    } catch (error) {
      this.#problem =
        error instanceof ClaimError
          ? error.sentence
          : { zh: `没有认领成：${String(error).slice(0, 90)}`, en: String(error).slice(0, 110) };
    }
  }

  get #folder(): string {
    return join(this.#parts.site().data, 'identity');
  }
}
