import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../gateway/clock.ts';

/** What the line does to the bytes from now on; all of it may be changed while it runs. */
export interface LineFaults {
  /** Every chunk arrives this much later, plus up to `jitterMs`; order is kept, as TCP does. */
  delayMs: number;
  jitterMs: number;
  /** Bytes are taken in and never arrive; nobody is told (half-open). */
  blackHole: boolean;
  /** New connections are taken and closed at once. */
  refuse: boolean;
  /** Flips one bit in about one of this many bytes towards the server; 0 is never. */
  flipOneIn: number;
  /** Bytes per second in each direction; 0 is no limit. */
  bytesPerSecond: number;
}

export interface TcpProxy {
  readonly port: number;
  readonly faults: LineFaults;
  /** Ends every connection with a reset. */
  cut(): void;
  /** The server's side says it is done, the gateway's side goes on talking. */
  halfClose(): void;
  connections(): number;
  /** Connections ever made. */
  made(): number;
  close(): Promise<void>;
}

/** Numbers in [0, 1) from a seed (mulberry32), so that a schedule can be run again. */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A TCP line with faults between a client and `to` on loopback. */
export async function startProxy(options: { to: number; clock: Clock; chance: () => number }): Promise<TcpProxy> {
  const faults: LineFaults = { delayMs: 0, jitterMs: 0, blackHole: false, refuse: false, flipOneIn: 0, bytesPerSecond: 0 };
  const pairs = new Set<readonly [Socket, Socket]>();
  let made = 0;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    made += 1;
    near.on('error', () => near.destroy());
    if (faults.refuse) return void near.destroy();
    const far = connect({ port: options.to, host: '127.0.0.1', allowHalfOpen: true });
    const pair = [near, far] as const;
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      socket.on('error', end);
      socket.on('close', end);
    }
    pass(near, far, options, faults, true);
    pass(far, near, options, faults, false);
  });
  const port = await listen(server);
  return {
    port,
    faults,
    cut: () => {
      for (const [near, far] of pairs) {
        near.resetAndDestroy();
        far.resetAndDestroy();
      }
    },
    halfClose: () => {
      for (const [near] of pairs) near.end();
    },
    connections: () => pairs.size,
    made: () => made,
    close: async () => {
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function pass(
  from: Socket,
  to: Socket,
  options: { clock: Clock; chance: () => number },
  faults: LineFaults,
  towardsServer: boolean,
): void {
  const { clock, chance } = options;
  let dueMono = 0;
  const later = (bytes: number, run: () => void): void => {
    const transferMs = faults.bytesPerSecond > 0 ? (bytes / faults.bytesPerSecond) * 1000 : 0;
    const arrival = clock.mono() + faults.delayMs + chance() * faults.jitterMs;
    dueMono = Math.max(dueMono + transferMs, arrival);
    if (dueMono <= clock.mono() + 0.5) return run();
    clock.after(dueMono - clock.mono(), run);
  };
  from.on('data', (chunk: Buffer) => {
    if (faults.blackHole) return;
    const bytes = towardsServer ? damage(chunk, faults.flipOneIn, chance) : chunk;
    // A slow line also reads slowly: the sender's window fills instead of our memory.
    if (faults.bytesPerSecond > 0) from.pause();
    later(bytes.length, () => {
      from.resume();
      if (to.writable && !faults.blackHole) to.write(bytes);
    });
  });
  from.on('end', () => later(0, () => to.writable && to.end()));
}

function damage(chunk: Buffer, oneIn: number, chance: () => number): Buffer {
  if (oneIn === 0 || chance() > chunk.length / oneIn) return chunk;
  const bytes = Buffer.from(chunk);
  const at = Math.floor(chance() * bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(chance() * 8));
  return bytes;
}
