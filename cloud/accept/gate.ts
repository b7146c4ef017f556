import type { AddressInfo, Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Clock } from '../clock.ts';
import { Guard } from './guard.ts';
import type { AcceptLimits } from './limits.ts';
import { type Peer, peerOf } from './peer.ts';

export interface GateOptions {
  /** PEM: the listener's key and certificate, and the authority that signs gateways. */
  readonly tls: { readonly key: string; readonly cert: string; readonly ca: string };
  readonly clock: Clock;
  readonly limits: AcceptLimits;
  readonly refuse: (reason: string, detail: object) => void;
  readonly admit: (guard: Guard, peer: Peer) => void;
}

const notAuthorized = Buffer.from([0x20, 2, 0, 5]);
const turnedAwayMs = 1_000;

/** Everything before MQTT: how many may knock, the handshake, and who it is. */
export class Gate {
  readonly #options: GateOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();

  constructor(options: GateOptions) {
    this.#options = options;
    this.#server = createServer({
      ...options.tls,
      requestCert: true,
      // TLS verifies all the same; `peerOf` refuses whoever did not pass, in words that reach the other end.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.3',
      handshakeTimeout: options.limits.handshakeMs,
    });
    this.#server.on('connection', (socket: Socket) => this.#knock(socket));
    this.#server.on('tlsClientError', (error, socket) => {
      options.refuse('handshake', { from: socket.remoteAddress, error: error.message });
      // Node reports a handshake that took too long here and leaves the socket open.
      socket.destroy();
    });
    this.#server.on('secureConnection', (socket: TLSSocket) => this.#enter(socket));
  }

  get sockets(): number {
    return this.#sockets.size;
  }

  address(): AddressInfo {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the listener has no address before it listens');
    return address;
  }

  listen(host: string, port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.#options.refuse('listener', { error: error.message }));
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #knock(socket: Socket): void {
    const { limits, refuse } = this.#options;
    const from = socket.remoteAddress ?? '';
    const same = this.#perAddress.get(from) ?? 0;
    if (this.#sockets.size >= limits.sockets || same >= limits.socketsPerAddress) {
      refuse('too-many-connections', { from });
      return void socket.destroy();
    }
    this.#sockets.add(socket);
    this.#perAddress.set(from, same + 1);
    socket.on('close', () => this.#left(socket, from));
  }

  #left(socket: Socket, from: string): void {
    this.#sockets.delete(socket);
    const others = (this.#perAddress.get(from) ?? 1) - 1;
    if (others > 0) this.#perAddress.set(from, others);
    else this.#perAddress.delete(from);
  }

  #enter(socket: TLSSocket): void {
    const { clock, limits, refuse, admit } = this.#options;
    socket.on('error', (error) => refuse('socket', { error: error.message }));
    try {
      const peer = peerOf(socket, clock.now());
      socket.setNoDelay(true);
      admit(new Guard(socket, limits.packetBytesBefore), peer);
    } catch (error) {
      refuse('certificate', { from: socket.remoteAddress, error: error instanceof Error ? error.message : String(error) });
      this.#turnAway(socket);
    }
  }

  /**
   * In TLS 1.3 a client is through with the handshake before its certificate is judged, and a closed socket tells it
   * nothing. CONNACK 5 does (MQTT 3.1.1 §3.2.2.3); what the other end says is not read.
   */
  #turnAway(socket: TLSSocket): void {
    socket.resume();
    socket.end(notAuthorized);
    const timer = this.#options.clock.after(turnedAwayMs, () => socket.destroy());
    socket.on('close', () => timer.cancel());
  }
}
