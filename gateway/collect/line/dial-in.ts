import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../clock.ts';
import { absent } from '../wire/tcp.ts';
import { once, type Route, type Wire, type WireEvents } from '../wire/wire.ts';
import type { Problem } from '../poll/outcome.ts';
import type { Guest, Hall } from './hall.ts';

export interface DialInOptions {
  readonly hall: Hall;
  readonly registration: Uint8Array;
  /** Hung up on after so long without a byte, milliseconds. */
  readonly deadAfterMs: number | undefined;
  readonly clock: Clock;
  /** The unit has dialled in. */
  readonly arrived: () => void;
}

/** 拨入: one unit that connects to us. The line dials it like any wire; it is there or it is not. */
export class DialIn implements Guest {
  readonly registration: Uint8Array;
  readonly #options: DialInOptions;
  #socket: Socket | undefined;
  #wire: (WireEvents & { closed: boolean }) | undefined;
  #dead: Timer | undefined;
  /** Since when it is gone, wall clock ms. */
  #goneAt: number | undefined;

  /** @throws where another line waits for the same registration. */
  constructor(options: DialInOptions) {
    this.#options = options;
    this.registration = options.registration;
    options.hall.enter(this);
  }

  get route(): Route {
    return { where: `“${words(this.registration)}”`, dial: (events) => this.#dial(events) };
  }

  arrived(socket: Socket, rest: Buffer): void {
    const [before, wire] = [this.#socket, this.#wire];
    this.#socket = socket;
    this.#wire = undefined;
    before?.destroy();
    wire?.lost({ zh: 'DTU 重新拨入，旧连接已替换。', en: 'The unit dialled in again; its old connection was replaced.' });
    socket.on('data', (chunk: Buffer) => this.#heard(socket, chunk));
    const gone = () => {
      if (this.#socket === socket)
        this.#hangUp({ zh: 'DTU 断开了连接，等待它重新拨入。', en: 'The unit hung up; it is expected to dial in again.' });
    };
    socket.on('error', gone);
    socket.on('close', gone);
    socket.on('end', gone);
    this.#options.arrived();
    if (rest.length > 0) this.#heard(socket, rest);
    else this.#alive();
  }

  async stop(): Promise<void> {
    await this.#options.hall.leave(this);
    this.#dead?.cancel();
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #dial(events: WireEvents): Wire {
    const socket = this.#socket;
    if (socket === undefined) return absent(this.#options.clock, events, this.#options.hall.problem ?? this.#notHere());
    const guard = once(events, () => undefined);
    this.#wire = guard;
    const opening = this.#options.clock.after(0, () => guard.open());
    return {
      write: (bytes) => void socket.write(bytes),
      close: () => {
        opening.cancel();
        guard.closed = true;
        // Hung up on, the unit dials in again: that is how such a wire is opened anew.
        socket.destroy();
        return Promise.resolve();
      },
    };
  }

  #heard(socket: Socket, chunk: Buffer): void {
    if (this.#socket !== socket) return;
    this.#alive();
    this.#wire?.data(chunk);
  }

  #alive(): void {
    const { deadAfterMs, clock } = this.#options;
    if (deadAfterMs === undefined) return;
    this.#dead?.cancel();
    this.#dead = clock.after(deadAfterMs, () =>
      this.#hangUp({
        zh: `DTU 已 ${Math.round(deadAfterMs / 1_000)} 秒没有任何数据，已挂断，等待它重新拨入。`,
        en: `The unit has said nothing for ${Math.round(deadAfterMs / 1_000)} s and was hung up on; it is expected to dial in again.`,
      }),
    );
  }

  #hangUp(problem: Problem): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#dead?.cancel();
    this.#socket = undefined;
    this.#goneAt = this.#options.clock.now();
    socket.destroy();
    const wire = this.#wire;
    this.#wire = undefined;
    wire?.lost(problem);
  }

  #notHere(): Problem {
    const name = words(this.registration);
    const refused = this.#options.hall.refusals().at(-1);
    const last =
      refused === undefined
        ? { zh: '', en: '' }
        : { zh: `最近被拒绝的：${refused.what}。`, en: ` Last refused: ${refused.what}.` };
    const since =
      this.#goneAt === undefined
        ? { zh: '还没有拨入', en: 'has not dialled in yet' }
        : { zh: '已断开，等待重新拨入', en: 'hung up and is expected to dial in again' };
    return {
      zh: `DTU “${name}” ${since.zh}。请检查 SIM 卡、信号、服务器地址和注册包。${last.zh}`,
      en: `The unit "${name}" ${since.en}. Check its SIM card, signal, server address and registration.${last.en}`,
    };
  }
}

/** A registration as people wrote it: text where it is text, else hex. */
function words(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString('latin1');
  return /^[\x20-\x7e]+$/.test(text) ? text : Buffer.from(bytes).toString('hex');
}
