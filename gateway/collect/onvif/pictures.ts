import type { Clock } from '../../clock.ts';
import type { Egress, PictureBounds, PictureOutcome } from '../driver.ts';
import { type DeviceAddress, DeviceClient } from '../http-event/client.ts';
import { troubles as httpTroubles } from '../http-event/trouble.ts';
import { type Camera, troubleOf } from './camera.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { limits } from './limits.ts';
import { byPicture, type MediaProfile, snapshotRequest, streamRequest, uriIn } from './services.ts';
import { type OnvifAddress, portOf } from './settings.ts';
import { missingOf, type Trouble, troubles } from './trouble.ts';

export interface PictureParts {
  readonly address: OnvifAddress;
  readonly folder: string;
  readonly egress: Egress | undefined;
  readonly clock: Clock;
  readonly camera: Camera;
  /** Null where pictures are not taken out of videos. */
  readonly ffmpeg: Ffmpeg | null;
}

type Bytes = { readonly bytes: Buffer };

/** Still pictures of one camera: by HTTP from the address it names; where it names none, and the site wants it so, out of its video. */
export class Pictures {
  readonly #parts: PictureParts;
  /** Kept for their nonces: one client per port of the camera's own. */
  readonly #clients = new Map<number, DeviceClient>();
  /** Addresses the camera gave, by profile; null: it gave none. */
  readonly #uris = new Map<string, string | null>();

  constructor(parts: PictureParts) {
    this.#parts = parts;
  }

  /** Never rejects. */
  async take({ maxBytes, timeoutMs, videoMs }: PictureBounds): Promise<PictureOutcome> {
    const { ffmpeg, clock } = this.#parts;
    const ready = await this.#within(timeoutMs, (signal) => this.#ready(maxBytes, signal));
    const hasNone = 'code' in ready && (ready.code === 'no-snapshot' || ready.code === 'no-service');
    const taken = hasNone && ffmpeg !== null ? await this.#within(videoMs, (signal) => this.#byVideo(ffmpeg, signal)) : ready;
    if ('bytes' in taken) return { at: clock.now(), bytes: taken.bytes };
    return { missing: missingOf(taken), zh: taken.zh, en: taken.en };
  }

  async #within(timeoutMs: number, work: (signal: AbortSignal) => Promise<Bytes | Trouble>): Promise<Bytes | Trouble> {
    const { clock, camera } = this.#parts;
    const own = new AbortController();
    const timer = clock.after(timeoutMs, () => own.abort());
    try {
      const done = await work(AbortSignal.any([camera.signal, own.signal]));
      return 'code' in done && own.signal.aborted ? httpTroubles.silent(true) : done;
    } finally {
      timer.cancel();
    }
  }

  async #ready(maxBytes: number, signal: AbortSignal): Promise<Bytes | Trouble> {
    const first = await this.#byHttp(maxBytes, signal);
    if ('bytes' in first || signal.aborted || !isStale(first)) return first;
    // Addresses end with a reboot; the camera is asked for new ones, once.
    this.#uris.clear();
    this.#parts.camera.forget();
    return this.#byHttp(maxBytes, signal);
  }

  /** The profiles in turn: one that is too long is followed by a smaller one. */
  async #byHttp(maxBytes: number, signal: AbortSignal): Promise<Bytes | Trouble> {
    const profiles = await this.#parts.camera.profiles(signal);
    if ('code' in profiles) return profiles;
    let trouble: Trouble = troubles.noSnapshot();
    const asked = new Set<string>();
    for (const profile of byPicture(profiles)) {
      if (signal.aborted) return httpTroubles.silent(true);
      const uri = await this.#uriOf(profile, signal);
      if (typeof uri === 'object' && uri !== null) return uri;
      // Many cameras name one address for all of their profiles.
      if (uri === null || asked.has(uri)) continue;
      asked.add(uri);
      const got = await this.#get(uri, maxBytes, signal);
      if ('bytes' in got || got.code !== 'too-large') return got;
      trouble = got;
    }
    return trouble;
  }

  async #uriOf(profile: MediaProfile, signal: AbortSignal): Promise<string | null | Trouble> {
    const { camera } = this.#parts;
    const key = `${profile.service} ${profile.token}`;
    const known = this.#uris.get(key);
    if (known !== undefined) return known;
    const services = await camera.services(signal);
    if ('code' in services) return services;
    const path = services[profile.service];
    if (path === undefined) return null;
    const answered = await camera.call('GetSnapshotUri', { path, body: snapshotRequest(profile) }, signal);
    if ('trouble' in answered) return answered.trouble;
    // A fault is this profile's or this camera's way to say that there is none.
    const uri = 'body' in answered ? (uriIn(answered.body, 'GetSnapshotUri') ?? null) : null;
    this.#uris.set(key, uri);
    return uri;
  }

  async #get(uri: string, maxBytes: number, signal: AbortSignal): Promise<Bytes | Trouble> {
    const where = await this.#clientFor(uri, signal);
    if ('code' in where) return where;
    const bounds = { timeoutMs: limits.callMs, mostBytes: maxBytes };
    const got = await where.client.fetch({ method: 'GET', path: where.path }, signal, bounds);
    if ('code' in got) return got.code === 'too-large' ? troubles.tooLarge(maxBytes) : got;
    return got.status === 200 ? { bytes: got.bytes } : httpTroubles.status(got.status, true);
  }

  /**
   * Who to ask. The camera's own address is known and allowed; what it takes for its own is that one. Another host is asked
   * only where the site file lets us, and is not told the camera's login.
   */
  async #clientFor(uri: string, signal: AbortSignal): Promise<{ client: DeviceClient; path: string } | Trouble> {
    const { address, camera, egress } = this.#parts;
    if (!URL.canParse(uri)) return troubles.otherScheme();
    const { protocol, host, hostname, port, pathname, search } = new URL(uri);
    const isSecure = protocol === 'https:';
    if (protocol !== 'http:' && !(isSecure && address.fingerprint !== undefined)) return troubles.otherScheme();
    const path = pathname + search;
    const services = await camera.services(signal);
    if (!('code' in services) && services.claims === host) return { client: this.#own(portOf(address)), path };
    const number = Number(port || (isSecure ? 443 : 80));
    if (await isSame(address.host, hostname, egress)) return { client: this.#own(number, isSecure), path };
    return {
      client: this.#client({
        host: hostname,
        port: number,
        auth: 'digest',
        ...(isSecure && { fingerprint: address.fingerprint }),
      }),
      path,
    };
  }

  /** The camera's own web server on a port. */
  #own(port: number, isSecure = this.#parts.address.fingerprint !== undefined): DeviceClient {
    const { host, username, passwordFile, fingerprint } = this.#parts.address;
    const client =
      this.#clients.get(port) ??
      this.#client({ host, port, username, passwordFile, auth: 'digest', ...(isSecure && { fingerprint }) });
    this.#clients.set(port, client);
    return client;
  }

  #client(address: DeviceAddress): DeviceClient {
    const { folder, egress, clock } = this.#parts;
    return new DeviceClient({ address, folder, egress, clock });
  }

  async #byVideo(ffmpeg: Ffmpeg, signal: AbortSignal): Promise<Bytes | Trouble> {
    const { camera, address } = this.#parts;
    const [services, profiles] = [await camera.services(signal), await camera.profiles(signal)];
    if ('code' in services) return services;
    if ('code' in profiles) return profiles;
    const [profile] = byPicture(profiles);
    const path = profile && services[profile.service];
    if (profile === undefined || path === undefined) return troubles.noService('media');
    const answered = await camera.call('GetStreamUri', { path, body: streamRequest(profile) }, signal);
    if (!('body' in answered)) return troubleOf(answered);
    const uri = uriIn(answered.body, 'GetStreamUri');
    return uri === undefined ? troubles.noService('stream') : ffmpeg.frame(uri, address, signal);
  }
}

/** The same host by name, or by the address its name stands for. */
async function isSame(own: string, other: string, egress: Egress | undefined): Promise<boolean> {
  const bare = (host: string) => host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare(own) === bare(other)) return true;
  const resolved = await egress?.resolve(own);
  return resolved !== undefined && 'address' in resolved && resolved.address.toLowerCase() === bare(other);
}

/** Gone, or never there: what an address from before a reboot answers. */
function isStale({ code }: Trouble): boolean {
  return code === 'http-404' || code === 'http-410' || code === 'http-400';
}
