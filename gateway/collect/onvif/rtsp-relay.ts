import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { limits } from './limits.ts';

export interface Relay {
  readonly port: number;
  close(): void;
}

/**
 * A door on this machine to one RTSP server and no other. A program that follows what servers tell it gets through here to
 * the camera alone, and an answer that would send it elsewhere (RFC 2326 §10.11, status 3xx) ends the connection.
 */
export async function openRelay(to: { readonly host: string; readonly port: number }): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to);
    const answers = new RtspAnswers();
    const end = () => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    near.pipe(far);
    far.on('data', (chunk: Buffer) => {
      if (!answers.mayPass(chunk)) return end();
      if (!near.write(chunk)) {
        far.pause();
        near.once('drain', () => far.resume());
      }
    });
  });
  server.maxConnections = 2;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Follows what an RTSP server sends: answers with their bodies, and media between them (RFC 2326 §10.12: `$`, channel, length). */
export class RtspAnswers {
  #held: Buffer = Buffer.alloc(0);
  /** Bytes of a body or a packet still to come. */
  #left = 0;

  /** False for an answer that redirects, and for what is no RTSP. */
  mayPass(chunk: Buffer): boolean {
    let rest = chunk;
    while (rest.length > 0) {
      const skipped = Math.min(this.#left, rest.length);
      this.#left -= skipped;
      rest = rest.subarray(skipped);
      if (rest.length === 0) return true;
      this.#held = this.#held.length === 0 ? rest : Buffer.concat([this.#held, rest]);
      rest = Buffer.alloc(0);
      const next = this.#head();
      if (next === 'wrong') return false;
      if (next === 'more') return true;
      this.#left = next.left;
      rest = this.#held.subarray(next.headBytes);
      this.#held = Buffer.alloc(0);
    }
    return true;
  }

  #head(): { headBytes: number; left: number } | 'more' | 'wrong' {
    const held = this.#held;
    if (held[0] === 0x24) return held.length < 4 ? 'more' : { headBytes: 4, left: held.readUInt16BE(2) };
    const end = held.indexOf('\r\n\r\n');
    if (end === -1) return held.length > limits.rtspHeadBytes ? 'wrong' : 'more';
    const head = held.toString('latin1', 0, end);
    if (!/^(RTSP\/1\.\d [124-6]\d\d|[A-Z_]{1,32} \S+ RTSP\/1\.\d)/.test(head)) return 'wrong';
    const length = Number(/\r\ncontent-length:\s*(\d{1,6})\s*(?:\r\n|$)/i.exec(head)?.[1] ?? 0);
    return length > limits.rtspBodyBytes ? 'wrong' : { headBytes: end + 4, left: length };
  }
}
