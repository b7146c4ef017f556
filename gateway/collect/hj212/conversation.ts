import type { Hj212Command } from '@yihu/device-profiles/protocols/hj212.ts';
import type { Clock } from '../../clock.ts';
import type { Act, ActOutcome } from '../driver.ts';
import { Asked, notBefore } from '../listening/asked.ts';
import type { Repeats } from '../listening/repeats.ts';
import type { Line, Talk } from '../listening/talk.ts';
import { type Hj212Device, zoneOf } from './address.ts';
import { saidBy } from './bodies.ts';
import { encode, flagOf, keyAndValue, type Packet, withoutPassword } from './segment.ts';
import { timeStamp } from './time.ts';

export interface Parts {
  readonly devices: readonly Hj212Device[];
  readonly clock: Clock;
  readonly line: Line;
  readonly repeats: Repeats;
}

/** 9011 comes at once, 9012 when the station has done it. */
const answerMs = 20_000;

/** One connection of a station. */
export class Conversation implements Talk<Packet> {
  readonly #parts: Parts;
  readonly #asked: Asked;
  readonly #connection = Symbol('connection');
  readonly #last = new Map<string, Packet>();
  /** Time of the data that came in several parts, by QN; the last few. */
  readonly #times = new Map<string, string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#asked = new Asked(parts.clock);
  }

  async hear(packet: Packet): Promise<void> {
    const { devices, line } = this.#parts;
    const mn = packet.head.get('MN') ?? '';
    // Answers of the 2005 edition name no MN: they are of whoever spoke on this connection before.
    const device = devices.find(({ address }) => address.mn === mn) ?? (mn === '' ? this.#only() : undefined);
    if (!device) return line.refuse(`MN ${mn}`, 'no device of this port has this MN');
    if (!line.claim(device.id)) return;
    if (mn !== '') this.#last.set(device.id, packet);
    line.note(device.id, { heard: withoutPassword(packet.segment) });
    this.#answered(device, packet);
    if (await this.#keep(device, packet)) this.#reply(device, packet);
  }

  async act(act: Act): Promise<ActOutcome> {
    const last = this.#last.get(act.device);
    const device = this.#parts.devices.find(({ id }) => id === act.device);
    if (!last || !device) return notBefore;
    const now = timeStamp(this.#parts.clock.now(), zoneOf(device));
    const { cn, parameters } = requestOf(act.spec.do as Hj212Command, act.args, now);
    const to = ['ST', 'PW', 'MN'].map((key) => [key, last.head.get(key) ?? ''] as const);
    const [st, ...rest] = to.map(([key, value]) => `${key}=${value}`);
    // V as the station has it, and an answer is wanted.
    const flag = (flagOf(last).version << 2) | 1;
    const segment = `QN=${now};${st};CN=${cn};${rest.join(';')};Flag=${flag};CP=&&${parameters}&&`;
    return this.#asked.ask(`${device.id} ${now}`, act, answerMs, () => this.#send(device, segment));
  }

  gone(): void {
    this.#asked.gone();
  }

  #only(): Hj212Device | undefined {
    const [id, ...others] = this.#last.keys();
    return others.length === 0 ? this.#parts.devices.find((device) => device.id === id) : undefined;
  }

  /** Kept once, answered each time. */
  async #keep(device: Hj212Device, packet: Packet): Promise<boolean> {
    const { clock, line, repeats } = this.#parts;
    const qn = packet.head.get('QN');
    const { body, dataTime } = saidBy(packet, zoneOf(device), this.#times.get(qn ?? ''));
    if (qn !== undefined && dataTime !== undefined && flagOf(packet).isPart) this.#rememberTime(qn, dataTime);
    const frame = { device: device.id, at: clock.now(), body };
    // Without a number of its own a packet cannot be told from another with the same values.
    if (qn === undefined || body.kind === 'alive') return line.keep([frame]);
    const words = `${qn} ${packet.head.get('CN') ?? ''} ${packet.head.get('PNO') ?? ''} ${packet.parameters}`;
    if (repeats.isRepeat(device.id, words, this.#connection)) {
      line.repeated();
      return line.keep([{ ...frame, body: { kind: 'alive' } }]);
    }
    const kept = await line.keep([frame], repeats.keep(device.id, words));
    if (kept) repeats.remember(device.id, words, this.#connection);
    return kept;
  }

  #rememberTime(qn: string, dataTime: string): void {
    this.#times.set(qn, dataTime);
    if (this.#times.size > 8) this.#times.delete(this.#times.keys().next().value as string);
  }

  /** 9014 to data, 9013 to a notice; in the form of the edition that the packet speaks. */
  #reply(device: Hj212Device, packet: Packet): void {
    const { head } = packet;
    const flag = flagOf(packet);
    const cn = head.get('CN') ?? '';
    const qn = head.get('QN');
    if (!flag.wantsAnswer || qn === undefined || cn.startsWith('90')) return;
    const answer = cn.startsWith('1') ? '9013' : '9014';
    const who = ['PW', 'MN'].flatMap((key) => (head.has(key) ? [`${key}=${head.get(key) ?? ''}`] : [])).join(';');
    const segment =
      flag.version === 0
        ? `ST=91;CN=${answer};${who};Flag=0;CP=&&QN=${qn};CN=${cn}&&`
        : `QN=${qn};ST=91;CN=${answer};${who};Flag=${flag.version << 2};CP=&&&&`;
    this.#send(device, segment);
  }

  /** 9011 请求应答 (QnRtn) and 9012 执行结果 (ExeRtn): 1 is yes. */
  #answered(device: Hj212Device, { head, parameters }: Packet): void {
    const cn = head.get('CN');
    if (cn !== '9011' && cn !== '9012') return;
    const said = new Map(parameters.split(';').map(keyAndValue));
    const key = `${device.id} ${said.get('QN') ?? head.get('QN') ?? ''}`;
    const code = said.get(cn === '9011' ? 'QnRtn' : 'ExeRtn') ?? '';
    if (code !== '1') this.#asked.answer(key, refusedWith(code));
    else if (cn === '9012') this.#asked.answer(key, { state: 'sent' });
  }

  #send(device: Hj212Device, segment: string): void {
    this.#parts.line.send(encode(segment));
    this.#parts.line.note(device.id, { sent: withoutPassword(segment) });
  }
}

function requestOf(command: Hj212Command, args: Act['args'], now: string): { cn: string; parameters: string } {
  if (command.send === 'clock') return { cn: '1012', parameters: `SystemTime=${now.slice(0, 14)}` };
  const { seconds } = command;
  const given = typeof seconds === 'number' ? seconds : Number(args[seconds.slice(1, -1)]);
  return { cn: '1062', parameters: `RtdInterval=${Math.min(3600, Math.max(1, Math.round(given) || 1))}` };
}

function refusedWith(code: string): ActOutcome {
  return {
    state: 'refused',
    code: 'refused-by-station',
    zh: `站点没有执行（返回 ${code || '空'}）。`,
    en: `The station did not carry it out (it returned ${code || 'nothing'}).`,
  };
}
