import { codecs } from '../codecs.ts';
import { shapeText } from '../collect/line/line-time.ts';
import { type LinePlace, placeText } from '../commission/line-place.ts';
import type { LineOwner } from '../commission/owner.ts';
import { wiresFor } from '../commission/read-wire.ts';
import type { ScanStep } from '../local/scans.ts';
import { type Output, exit, withNext } from './output.ts';
import { lastingText, type Progress, progressFor } from './progress.ts';

export type Found = Extract<ScanStep, { kind: 'found' }>;

export interface Report {
  readonly place: LinePlace;
  readonly owner: LineOwner | null;
  readonly found: readonly Found[];
  readonly noise: readonly Extract<ScanStep, { kind: 'noise' }>[];
  readonly wasStopped: boolean;
}

/** Shows each event as it happens, and keeps what the report needs. */
export class ScanView {
  readonly #place: LinePlace;
  readonly #owner: LineOwner | null;
  readonly #output: Output;
  readonly #progress: Progress;
  readonly #found: Found[] = [];
  readonly #noise: Report['noise'][number][] = [];
  #wasStopped = false;
  /** It failed, which has been said. */
  isOver = false;

  constructor(place: LinePlace, owner: LineOwner | null, output: Output) {
    this.#place = place;
    this.#owner = owner;
    this.#output = output;
    this.#progress = progressFor(output);
  }

  sayOwner(): void {
    const { port = '', pid = 0 } = this.#owner ?? {};
    this.#progress.say(
      this.#output.say({
        zh: `${placeText(this.#place)} 归正在运行的网关（进程 ${pid}，端口 ${port}）所有，由它来问；问完之前这个端口的轮询暂停。`,
        en: `${placeText(this.#place)} belongs to the running gateway (process ${pid}, port ${port}), which asks for you; the port's polls pause until it is done.`,
      }),
    );
  }

  /** False where there is nothing more to say. */
  async follow(events: AsyncIterable<ScanStep>): Promise<boolean> {
    for await (const event of events) this.take(event);
    return !this.isOver;
  }

  take(event: ScanStep): void {
    const [output, progress] = [this.#output, this.#progress];
    switch (event.kind) {
      case 'plan':
        return progress.say(output.say(planText(event)));
      case 'asking': {
        const text = `${event.done}/${event.of}  ${event.shape ? shapeText(event.shape) : ''}  ${event.name}`;
        return progress.show({ zh: text, en: text });
      }
      case 'found':
        this.#found.push(event);
        return progress.say(`✓ ${rowOf(event).join('  ')}`);
      case 'noise':
        return void this.#noise.push(event);
      case 'occupied':
        this.#fail();
        return occupied(event.heard, output);
      case 'unreachable':
        this.#fail();
        return output.fail(exit.unreachable, withNext(event.problem, nextLook(this.#place)));
      case 'done':
        this.#wasStopped = event.wasStopped;
    }
  }

  #fail(): void {
    this.isOver = true;
    this.#progress.clear();
  }

  report(wasStopped: boolean): Report {
    this.#progress.clear();
    const [place, owner, found, noise] = [this.#place, this.#owner, this.#found, this.#noise];
    return { place, owner, found, noise, wasStopped: wasStopped || this.#wasStopped };
  }
}

function planText({ atMostMs, shapes, questions }: Extract<ScanStep, { kind: 'plan' }>) {
  const lasting = lastingText(atMostMs);
  return {
    zh: `${shapes} 组串口参数，每组 ${questions} 个问题：先快问一遍，没应答的再慢问一遍；没人应答时最多 ${lasting.zh}，Ctrl+C 停止。`,
    en: `${shapes} sets of parameters, ${questions} questions each: first in haste, then those that have not answered once more with patience; at most ${lasting.en} where nobody answers. Ctrl+C stops it.`,
  };
}

function nextLook(place: LinePlace): string {
  return 'path' in place ? 'ls -l /dev/serial/by-id' : `ping -c 3 ${place.host}`;
}

export function rowOf({ slave, shape, tookMs, known }: Found): string[] {
  const address = Object.entries(slave.address).map(([key, value]) => `${key} ${value}`);
  return [
    shape ? shapeText(shape) : '-',
    slave.wire,
    address.join(' '),
    slave.kind,
    known ?? slave.profiles[0] ?? '-',
    `${tookMs} ms`,
  ];
}

/** Whoever talks there can be listened to, and is no reason to talk into it. */
function occupied(hex: string, output: Output): void {
  const bytes = hex.length / 2;
  const [best] = wiresFor(codecs.values(), { text: hex, as: 'hex' });
  const heard = best ? { zh: `，像 ${best.wire}`, en: `, it looks like ${best.wire}` } : { zh: '', en: '' };
  output.fail(
    exit.problem,
    {
      zh: `这条线上另有主站在问（听到 ${bytes} 字节${heard.zh}），没有发问，以免打断它。停掉它再扫描；确要一起问，加 --listen 0。`,
      en: `Somebody else asks on this line (${bytes} bytes were heard${heard.en}); nothing was sent, so as not to break into it. Stop that first, or ask all the same with --listen 0.`,
    },
    { schema: 'yihu.scan-line/1', heard: hex, wire: best?.wire ?? null },
  );
}
