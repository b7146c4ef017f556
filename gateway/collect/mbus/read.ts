import { type MbusTransport, mbusOf } from '@yihu/device-profiles/protocols/mbus.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import type { Read, SlaveRefusal, Taken } from '../line/dialect.ts';
import { askData, askReset, askSelect, type Heard, type MeterLink } from './ask.ts';
import { fieldsOf, readTelegram, type Telegram } from './telegram.ts';

/** `id`: the meter that must be at this primary address, eight digits; another one is not believed. */
export function readMeter(profile: Profile, link: MeterLink, id: string | undefined): Read {
  const transport = mbusOf(profile);
  const turns = new FrameCount(transport, link);
  let telegrams: Telegram[] = [];
  const take = (frame: Extract<Heard, { kind: 'answer' }>['frame']): Taken => {
    const telegram = readTelegram(frame);
    if ('unreadable' in telegram) return { exception: refusalOf(telegram.unreadable) };
    if (id !== undefined && telegram.id !== '' && telegram.id !== id) return { exception: anotherMeter(id, telegram.id) };
    turns.answered();
    const last = telegrams.at(-1);
    // A meter that does not heed the frame count bit says the same for ever.
    if (last !== undefined && isSame(last, telegram)) return done();
    telegrams.push(telegram);
    return telegram.hasMore && telegrams.length < transport.telegrams ? { next: askData(link, turns.next()) } : done();
  };
  const done = (): Taken => ({ bodies: [{ kind: 'fields', channel: 'data', fields: fieldsOf(telegrams) }] });
  return {
    key: 'data',
    first: () => {
      telegrams = [];
      if ('secondary' in link) return askSelect(link);
      return transport.reset ? askReset(link) : askData(link, turns.next());
    },
    take: (answer) => {
      const heard = answer as Heard;
      if (heard.kind === 'answer') return take(heard.frame);
      turns.reset();
      return { next: askData(link, turns.next()) };
    },
    fault: (fault, detail) => ({ kind: 'missed', fault, detail }),
  };
}

/**
 * 帧计数位 FCB (EN 13757-2): a slave that hears the same bit twice repeats its last telegram. It begins with 1 after a
 * reset or a selection; without either it goes on from reading to reading.
 */
class FrameCount {
  readonly #isReset: boolean;
  #bit: 0 | 1 = 1;

  constructor({ reset }: MbusTransport, link: MeterLink) {
    this.#isReset = reset || 'secondary' in link;
  }

  /** The bit of the next request; one that was not answered is asked with the same again. */
  next(): 0 | 1 {
    return this.#bit;
  }

  answered(): void {
    this.#bit = this.#bit === 1 ? 0 : 1;
  }

  reset(): void {
    if (this.#isReset) this.#bit = 1;
  }
}

function isSame(a: Telegram, b: Telegram): boolean {
  const bytes = ({ records, own }: Telegram): string =>
    [...records.map((record) => Buffer.from(record.bytes).toString('hex')), Buffer.from(own).toString('hex')].join(' ');
  return bytes(a) === bytes(b);
}

function refusalOf({ zh, en, code }: { code: string; zh: string; en: string }): SlaveRefusal {
  return { detail: code, text: { zh, en }, isLasting: true };
}

function anotherMeter(id: string, is: string): SlaveRefusal {
  return {
    detail: `meter ${is} answers instead of ${id}`,
    text: {
      zh: `应答的是表 ${is}，现场文件写的是 ${id}。请核对表号，或表是否换过。`,
      en: `Meter ${is} answers, the site file says ${id}. Check the number, or whether the meter was changed.`,
    },
    isLasting: true,
  };
}
