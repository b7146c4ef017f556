import { spawn } from 'node:child_process';
import type { Egress } from '../driver.ts';
import { readSecret } from '../http-event/credentials.ts';
import { troubles as httpTroubles } from '../http-event/trouble.ts';
import { limits } from './limits.ts';
import { openRelay } from './rtsp-relay.ts';
import type { OnvifAddress } from './settings.ts';
import { type Trouble, troubles } from './trouble.ts';

export interface FfmpegParts {
  readonly folder: string;
  readonly egress: Egress | undefined;
  /** Default: the one on the path. */
  readonly program?: string;
}

/** Bytes of one picture; what comes behind it is not read. */
const maxPictureBytes = 4 * 1024 * 1024;

/**
 * 从视频取图: one frame of an RTSP stream, by ffmpeg. It costs seconds, so only a few run at once. The program sees neither
 * the network nor the command line with a password in it: it speaks to a relay of ours that goes to the one address the site
 * allows, and is told the login on its standard input.
 */
export class Ffmpeg {
  readonly #parts: FfmpegParts;
  readonly #turns = new Turns();

  constructor(parts: FfmpegParts) {
    this.#parts = parts;
  }

  /** Runs until `signal` at the latest. Never rejects. */
  async frame(uri: string, address: OnvifAddress, signal: AbortSignal): Promise<{ bytes: Buffer } | Trouble> {
    if (!URL.canParse(uri) || new URL(uri).protocol !== 'rtsp:') return troubles.otherScheme();
    if (!(await this.#turns.take(signal))) return troubles.busyFfmpeg();
    try {
      return await this.#frame(new URL(uri), address, signal);
    } finally {
      this.#turns.give();
    }
  }

  async #frame(uri: URL, address: OnvifAddress, signal: AbortSignal): Promise<{ bytes: Buffer } | Trouble> {
    const { egress, folder, program = 'ffmpeg' } = this.#parts;
    if (egress === undefined) return httpTroubles.noEgress();
    // The stream is the camera's own: another host would be told its login.
    const allowed = await egress.resolve(address.host);
    if ('refused' in allowed) return httpTroubles.egress(allowed.refused.zh, allowed.refused.en ?? allowed.refused.zh);
    const login = loginOf(folder, address);
    if (typeof login === 'object') return login;
    const relay = await openRelay({ host: allowed.address, port: Number(uri.port || 554) });
    try {
      const local = `rtsp://${login}127.0.0.1:${relay.port}${uri.pathname}${uri.search}`;
      return await this.#run(program, local, signal);
    } finally {
      relay.close();
    }
  }

  #run(program: string, url: string, signal: AbortSignal): Promise<{ bytes: Buffer } | Trouble> {
    const { promise, resolve } = Promise.withResolvers<{ bytes: Buffer } | Trouble>();
    const child = spawn(program, ffmpegArguments, { stdio: ['pipe', 'pipe', 'ignore'], env: { PATH: process.env['PATH'] } });
    const chunks: Buffer[] = [];
    let bytes = 0;
    const end = (outcome: { bytes: Buffer } | Trouble) => {
      signal.removeEventListener('abort', onAbort);
      child.kill('SIGKILL');
      resolve(outcome);
    };
    const onAbort = () => end(httpTroubles.silent(true));
    signal.addEventListener('abort', onAbort, { once: true });
    child.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ENOENT' ? troubles.noFfmpeg() : troubles.ffmpeg(error.code ?? '')),
    );
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxPictureBytes) return end(troubles.tooLarge(maxPictureBytes));
      chunks.push(chunk);
    });
    child.once('close', (code) =>
      end(bytes > 0 ? { bytes: Buffer.concat(chunks) } : troubles.ffmpeg(`exit ${code ?? 'killed'}`)),
    );
    // A program that ended before it read its input says so by its exit.
    child.stdin.on('error', () => undefined);
    // The list of the concat demuxer: what stands on standard input stands in no process list.
    child.stdin.end(
      `ffconcat version 1.0\nfile '${url.replaceAll("'", '%27')}'\noption rtsp_transport tcp\noption analyzeduration 1000000\n`,
    );
    if (signal.aborted) onAbort();
    return promise;
  }
}

/** So many at once; the others wait in a row, which has an end. */
class Turns {
  readonly #waiting = new Set<(hasTurn: boolean) => void>();
  #taken = 0;

  /** False where the row is full, or the time is over. */
  take(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted || this.#waiting.size >= limits.ffmpegWaiting) return Promise.resolve(false);
    if (this.#taken < limits.ffmpegAtOnce) {
      this.#taken += 1;
      return Promise.resolve(true);
    }
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.add(resolve);
    signal.addEventListener('abort', () => this.#waiting.delete(resolve) && resolve(false), { once: true });
    return promise;
  }

  /** To the next in the row, if there is one. */
  give(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#taken -= 1;
    else if (this.#waiting.delete(next)) next(true);
  }
}

/** One frame as JPEG, at most 1280 wide, of a list of one RTSP stream over TCP. Files and other hosts are no protocols of its. */
const ffmpegArguments = [
  '-nostdin', '-loglevel', 'quiet',
  '-protocol_whitelist', 'pipe,rtsp,tcp,rtp',
  '-f', 'concat', '-safe', '0', '-i', 'pipe:0',
  '-an', '-frames:v', '1', '-vf', "scale='min(1280,iw)':-2", '-q:v', '5',
  '-f', 'image2pipe', '-c:v', 'mjpeg', 'pipe:1',
]; // prettier-ignore

function loginOf(folder: string, { username, passwordFile }: OnvifAddress): string | Trouble {
  if (username === undefined || passwordFile === undefined) return '';
  const read = readSecret(folder, passwordFile);
  if ('wrong' in read) return httpTroubles.secret(read.wrong.zh, read.wrong.en);
  return `${encodeURIComponent(username)}:${encodeURIComponent(read.secret)}@`;
}
