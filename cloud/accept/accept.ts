import { RenewRequest } from '@yihu/device-profiles/vocabulary/claim.ts';
import { type Cursor, Hello } from '@yihu/device-profiles/vocabulary/envelope.ts';
import { SiteSaid } from '@yihu/device-profiles/vocabulary/site-push.ts';
import { Beat, type BlobWord, decodeUp, type SpokenWord } from '@yihu/device-profiles/vocabulary/uplink.ts';
import type { Clock } from '../clock.ts';
import { GatewayLine } from './gateway-line.ts';
import type { Ingest, PictureIngest } from './ingest.ts';
import { type AcceptLimits, acceptLimits } from './limits.ts';
import { PictureLine } from './picture-line.ts';
import type { Poison } from './salvage.ts';

export interface AcceptLogger {
  info(detail: object, message: string): void;
  warn(detail: object, message: string): void;
}

export interface AcceptOptions {
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly logger: AcceptLogger;
  /** Sends a cursor to a gateway: the acknowledgement. */
  readonly reply: (gateway: string, cursor: Cursor) => void;
  /** Where pictures go, and how gateways hear of them; without it no gateway is told that it may send any. */
  readonly pictures?: { readonly ingest: PictureIngest; readonly tell: (gateway: string, word: BlobWord) => void } | undefined;
  /** One record, or one blob, that no one can read; its place is taken by a gap record. */
  readonly poison?: (gateway: string, poison: Poison) => void;
  /** The gateway's log is shorter than what we committed of it: its disk went back to an older image, or there are two of it. */
  readonly forked?: (gateway: string, hello: Hello, cursor: Cursor) => void;
  /** 换证: a gateway asks for a new certificate; the answer goes its own way. */
  readonly renew?: ((gateway: string, request: RenewRequest) => void) | undefined;
  /** What site a gateway runs. */
  readonly site?: ((gateway: string, said: SiteSaid) => void) | undefined;
  readonly limits?: Partial<AcceptLimits>;
}

export interface AcceptCounters {
  batches: number;
  bytes: number;
  records: number;
  commits: number;
  duplicates: number;
  rewinds: number;
  poison: number;
  malformed: number;
  overflow: number;
  forks: number;
  unavailable: number;
  picture_parts: number;
  pictures: number;
  pictures_refused: number;
}

/** The protocol of the cloud's side, without a transport: an MQTT listener, or a worker on a cluster's stream, feeds it. */
export interface Accept {
  /** `malformed` is a peer that does not speak the protocol; the transport should end its session. */
  receive(gateway: string, word: SpokenWord, payload: Buffer): 'taken' | 'dropped' | 'malformed';
  /** The session ended: what has arrived is still committed. */
  ended(gateway: string): void;
  /** Calls `run` once nothing of this gateway waits for a commit. */
  whenIdle(gateway: string, run: () => void): void;
  counters(): AcceptCounters;
  /** Ends all retries; resolves when no commit is running. */
  stop(): Promise<void>;
}

export function createAccept(options: AcceptOptions): Accept {
  const limits: AcceptLimits = { ...acceptLimits, ...options.limits };
  const counters: AcceptCounters = emptyCounters();
  const lines = new Map<string, GatewayLine>();
  const pictureLines = new Map<string, PictureLine>();
  const stopping = new AbortController();

  const lineOf = (gateway: string): GatewayLine => {
    const found = lines.get(gateway);
    if (found !== undefined) return found;
    const line = new GatewayLine({ ...options, gateway, limits, counters, signal: stopping.signal });
    lines.set(gateway, line);
    return line;
  };

  const pictureLineOf = (gateway: string): PictureLine | undefined => {
    const found = pictureLines.get(gateway);
    if (found !== undefined || options.pictures === undefined) return found;
    const { ingest, tell } = options.pictures;
    const { clock, logger } = options;
    const line = new PictureLine({ gateway, pictures: ingest, tell, clock, logger, counters, queuedParts: limits.queuedParts });
    pictureLines.set(gateway, line);
    return line;
  };

  const take = (gateway: string, word: SpokenWord, payload: Buffer): 'taken' | 'dropped' => {
    switch (word) {
      case 'hello':
        lineOf(gateway).hello(helloOf(gateway, payload));
        pictureLineOf(gateway)?.greet();
        return 'taken';
      case 'beat':
        lineOf(gateway).beat(Beat.parse(JSON.parse(payload.toString('utf8'))).epoch);
        return 'taken';
      case 'up':
        return lineOf(gateway).batch(decodeUp(payload)) ? 'taken' : 'dropped';
      case 'renew':
        options.renew?.(gateway, RenewRequest.parse(JSON.parse(payload.toString('utf8'))));
        return options.renew ? 'taken' : 'dropped';
      case 'site':
        options.site?.(gateway, SiteSaid.parse(JSON.parse(payload.toString('utf8'))));
        return options.site ? 'taken' : 'dropped';
      case 'blob':
        return pictureLineOf(gateway)?.part(payload) === true ? 'taken' : 'dropped';
    }
  };

  return {
    receive: (gateway, word, payload) => {
      try {
        return take(gateway, word, payload);
      } catch (error) {
        counters.malformed += 1;
        options.logger.warn({ gateway, word, bytes: payload.length, error }, 'a gateway sent what is not our protocol');
        return 'malformed';
      }
    },
    ended: (gateway) => {
      const pictureLine = pictureLines.get(gateway);
      pictureLines.delete(gateway);
      void pictureLine?.stop();
      const line = lines.get(gateway);
      line?.whenIdle(() => {
        if (lines.get(gateway) === line) lines.delete(gateway);
      });
    },
    whenIdle: (gateway, run) => {
      const line = lines.get(gateway);
      if (line === undefined) run();
      else line.whenIdle(run);
    },
    counters: () => ({ ...counters }),
    stop: async () => {
      stopping.abort(new Error('accept is stopping'));
      await Promise.all([
        ...[...lines.values()].map((line) => line.idle()),
        ...[...pictureLines.values()].map((line) => line.stop()),
      ]);
    },
  };
}

function helloOf(gateway: string, payload: Buffer): Hello {
  const hello = Hello.parse(JSON.parse(payload.toString('utf8')));
  if (hello.gateway !== gateway) throw new Error(`hello of ${hello.gateway} on the session of ${gateway}`);
  return hello;
}

function emptyCounters(): AcceptCounters {
  return {
    batches: 0,
    bytes: 0,
    records: 0,
    commits: 0,
    duplicates: 0,
    rewinds: 0,
    poison: 0,
    malformed: 0,
    overflow: 0,
    forks: 0,
    unavailable: 0,
    picture_parts: 0,
    pictures: 0,
    pictures_refused: 0,
  };
}
