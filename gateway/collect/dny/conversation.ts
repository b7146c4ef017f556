import type { DnyCommand } from '@yihu/device-profiles/protocols/dny.ts';
import type { Clock } from '../../clock.ts';
import type { Act, ActOutcome } from '../driver.ts';
import { Asked, notBefore } from '../listening/asked.ts';
import type { Repeats } from '../listening/repeats.ts';
import type { Line, Talk } from '../listening/talk.ts';
import { type DnyDevice, printedNumber } from './address.ts';
import { saidBy } from './bodies.ts';
import { encode, type Heard, type Packet } from './packet.ts';

export interface Parts {
  readonly devices: readonly DnyDevice[];
  readonly clock: Clock;
  readonly line: Line;
  readonly repeats: Repeats;
}

/** 应答超时 15 s; between two commands to one device half a second. */
const answerMs = 15_000;
const betweenMs = 500;

/** What a connection begins with and repeats while nothing else is said. */
const orderAt = 15;
const orderBytes = 16;

/** One connection: of a pile, or of a host and the piles behind it. */
export class Conversation implements Talk<Heard> {
  readonly #parts: Parts;
  readonly #asked: Asked;
  readonly #connection = Symbol('connection');
  readonly #here = new Set<DnyDevice>();
  /** 订单编号 of what is being charged, by device and port (0…): a stop must name it. */
  readonly #orders = new Map<string, Buffer>();
  readonly #toldMono = new Map<string, number>();
  #message = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#asked = new Asked(parts.clock);
  }

  async hear(heard: Heard): Promise<void> {
    if ('modem' in heard) return this.#modem(heard.modem);
    const { packet } = heard;
    const { devices, line } = this.#parts;
    const device = devices.find(({ address }) => address.id === packet.id);
    // Behind a known host a pile may be missing in the site file; that is no reason to cut the others off.
    if (!device && this.#here.size > 0) return line.stranger(strange(packet.id), 'no device of this port has this id');
    if (!device) return line.refuse(strange(packet.id), 'no device of this port has this id');
    if (!line.claim(device.id)) return;
    this.#here.add(device);
    line.note(device.id, { heard: shown(packet) });
    this.#learn(device, packet);
    this.#answered(device, packet);
    if (await this.#keep(device, packet)) this.#reply(device, packet);
  }

  async act(act: Act): Promise<ActOutcome> {
    const device = [...this.#here].find(({ id }) => id === act.device);
    if (!device) return notBefore;
    const request = this.#request(device, act.spec.do as DnyCommand, act.args);
    if ('refused' in request) return request.refused;
    const wait = (this.#toldMono.get(device.id) ?? -betweenMs) + betweenMs - this.#parts.clock.mono();
    if (wait > 0) await this.#parts.clock.sleep(wait);
    const message = (this.#message = (this.#message + 1) & 0xffff);
    const { command, data } = request;
    const send = (): void => {
      this.#toldMono.set(device.id, this.#parts.clock.mono());
      this.#send(device, { id: device.address.id, message, command, data });
    };
    // A query is answered by what it makes the pile report, under numbers of the pile's own.
    const key = command === 0x81 ? `${device.id} report` : `${device.id} ${command} ${message}`;
    return this.#asked.ask(key, act, answerMs, send);
  }

  gone(): void {
    this.#asked.gone();
  }

  /** `link` every 30 s: the modem is there, and with it the one device it belongs to. */
  async #modem(said: 'iccid' | 'link'): Promise<void> {
    const [device, ...others] = this.#here;
    if (said !== 'link' || !device || others.length > 0) return;
    await this.#parts.line.keep([{ device: device.id, at: this.#parts.clock.now(), body: { kind: 'alive' } }]);
  }

  async #keep(device: DnyDevice, packet: Packet): Promise<boolean> {
    const { clock, line, repeats } = this.#parts;
    const at = clock.now();
    const frames = saidBy(packet).map((said) => ({ device: device.id, at, ...said }));
    if (frames.every(({ body }) => body.kind === 'alive')) return line.keep(frames);
    const words = `${packet.message} ${packet.command} ${packet.data.toString('base64')}`;
    if (repeats.isRepeat(device.id, words, this.#connection)) {
      line.repeated();
      return line.keep([{ device: device.id, at, body: { kind: 'alive' } }]);
    }
    const kept = await line.keep(frames, repeats.keep(device.id, words));
    if (kept) repeats.remember(device.id, words, this.#connection);
    return kept;
  }

  /** Heartbeats and settlements are acked, the time is told; the rest wants no answer, or one that is the operator's to give. */
  #reply(device: DnyDevice, { id, message, command }: Packet): void {
    const data = this.#answerTo(command);
    if (data !== null) this.#send(device, { id, message, command, data });
  }

  #answerTo(command: number): Uint8Array | null {
    switch (command) {
      case 0x01:
      case 0x03:
      case 0x20:
      case 0x21:
        return Uint8Array.of(0);
      case 0x12:
      case 0x22: {
        const seconds = Buffer.alloc(4);
        seconds.writeUInt32LE(Math.floor(this.#parts.clock.now() / 1000) % 2 ** 32);
        return seconds;
      }
      default:
        return null;
    }
  }

  #learn(device: DnyDevice, { command, data }: Packet): void {
    if (command === 0x06 && data.length >= orderAt + orderBytes)
      this.#orders.set(`${device.id} ${data[0] as number}`, data.subarray(orderAt, orderAt + orderBytes));
    if (command === 0x03 && data.length > 6) this.#orders.delete(`${device.id} ${data[6] as number}`);
  }

  #answered(device: DnyDevice, { command, message, data }: Packet): void {
    if (command === 0x01 || command === 0x20 || command === 0x21) this.#asked.answer(`${device.id} report`, { state: 'sent' });
    const result = data[0];
    const outcome: ActOutcome = result === 0 ? { state: 'sent' } : refusedWith(result);
    if (command === 0x82 || command === 0x96) this.#asked.answer(`${device.id} ${command} ${message}`, outcome);
  }

  #request(
    device: DnyDevice,
    what: DnyCommand,
    args: Act['args'],
  ): { command: number; data: Uint8Array } | { refused: ActOutcome } {
    if (what.send === 'query') return { command: 0x81, data: new Uint8Array() };
    if (what.send === 'locate') return { command: 0x96, data: Uint8Array.of(within(what.seconds, args, 255)) };
    const port = within(what.port, args, 32) - 1;
    const order = this.#orders.get(`${device.id} ${port}`);
    return order ? { command: 0x82, data: stopData(port, order) } : { refused: noOrder };
  }

  #send(device: DnyDevice, packet: Parameters<typeof encode>[0]): void {
    const bytes = encode(packet);
    this.#parts.line.send(bytes);
    this.#parts.line.note(device.id, { sent: bytes.toString('hex') });
  }
}

function strange(id: string): string {
  return `id ${id} (no. ${printedNumber(id)})`;
}

/** Cards and the modem's numbers are personal: of packets that carry them only the head is shown. */
function shown({ command, bytes }: Packet): string {
  const isPersonal = command === 0x02 || command === 0x03 || command === 0x04 || command === 0x11 || command === 0x43;
  return isPersonal ? `${bytes.subarray(0, 12).toString('hex')}…` : bytes.toString('hex');
}

/** 费率模式, 余额, 端口, 充电命令 0 = stop, 时长, 订单编号, 最大时长, 过载功率: all but port and order are ignored at a stop. */
function stopData(port: number, order: Buffer): Uint8Array {
  const data = Buffer.alloc(29);
  data[5] = port;
  order.copy(data, 9);
  return data;
}

function within(given: number | string, args: Act['args'], most: number): number {
  const value = typeof given === 'number' ? given : Number(args[given.slice(1, -1)]);
  return Math.min(most, Math.max(1, Math.round(value) || 1));
}

const noOrder: ActOutcome = {
  state: 'refused',
  code: 'no-order',
  zh: '不知道这个端口的订单号（充电中每 5 分钟上报一次），无法停止；请稍后再试或断开电源。',
  en: 'The order of this port is not known yet (it is reported every 5 minutes while charging), so it cannot be stopped. Try again later, or cut the power.',
};

function refusedWith(result: number | undefined): ActOutcome {
  return {
    state: 'refused',
    code: 'refused-by-pile',
    zh: `充电桩没有执行（返回 ${result ?? '空'}）。`,
    en: `The pile did not carry it out (it returned ${result ?? 'nothing'}).`,
  };
}
