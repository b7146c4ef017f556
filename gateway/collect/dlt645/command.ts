import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Dlt645Command } from '@yihu/device-profiles/protocols/dlt645.ts';
import type { Ask, Read } from '../line/dialect.ts';
import { lowFirst } from '../line/framing.ts';
import type { MeterSays } from './answer.ts';
import { askCommand, type MeterLink, tellEverybody } from './ask.ts';
import { errorOf } from './errors.ts';
import { functions } from './frame.ts';

/** N1 of a control command (DL/T 645-2007, 跳合闸、报警、保电). */
const relayCodes: Readonly<Record<Extract<Dlt645Command, { relay: string }>['relay'], number>> = {
  trip: 0x1a,
  'permit-close': 0x1b,
  close: 0x1c,
  alarm: 0x2a,
  'alarm-off': 0x2b,
  protect: 0x3a,
  'protect-off': 0x3b,
};

/** 密码和操作者代码: who may control this meter. The installer's secret; there is none by itself. */
export interface Control {
  /** A file with the level and the password, eight digits such as `02` and six of the password. */
  readonly passwordFile: string;
  /** 操作者代码, eight digits; the meter keeps it in its record. */
  readonly operator: string;
}

export interface Refused {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}

/** The meter carries a command out no later than this after it was sent (N3…N8). */
const validMs = 5 * 60_000;

/** 跳合闸. `at`: wall clock; `utcOffset`: where the meter's clock is. */
export function relayRead(
  link: MeterLink,
  relay: keyof typeof relayCodes,
  password: string,
  operator: string,
  at: number,
  utcOffset: string,
): Read {
  const until = clockBytes(at + validMs, utcOffset);
  const [second, minute, hour, , day, month, year] = until;
  const data = Uint8Array.from([
    parseInt(password.slice(0, 2), 16),
    ...lowFirst(password.slice(2)),
    ...lowFirst(operator),
    relayCodes[relay],
    0,
    ...[second, minute, hour, day, month, year].map((byte) => byte as number),
  ]);
  return single(askCommand(link, functions.control, data));
}

/** 广播校时: a meter takes it at most once a day and only for a difference of up to five minutes (DL/T 645-2007, 广播校时). */
export function clockRead(link: MeterLink, at: number, utcOffset: string): Read {
  const [second, minute, hour, , day, month, year] = clockBytes(at, utcOffset);
  const data = Uint8Array.from([second, minute, hour, day, month, year].map((byte) => byte as number));
  return single(tellEverybody(link, functions.broadcastTime, data));
}

/** The password out of its file, or why there is none. */
export function passwordOf(file: string, folder: string): string | Refused {
  const path = resolve(folder, file);
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    return {
      code: 'no-password',
      zh: `读不到密码文件 ${path}（${code}）。请检查路径和权限。`,
      en: `The password file ${path} cannot be read (${code}). Check the path and its permissions.`,
    };
  }
  if (/^\d{8}$/.test(text)) return text;
  return {
    code: 'no-password',
    zh: `密码文件 ${path} 必须正好是八位数字：两位权限加六位密码，例如 02 开头。`,
    en: `The password file ${path} must hold eight digits: two of the level, such as 02, and six of the password.`,
  };
}

function single(ask: Ask<MeterSays>): Read {
  return {
    first: () => ask,
    take: (answer) => {
      // Nothing is heard of a broadcast.
      const says = answer as MeterSays | undefined;
      if (says?.kind !== 'refused') return { bodies: [] };
      const { zh, en, isLasting } = errorOf(says.word);
      return { exception: { detail: en, text: { zh: `电表拒绝：${zh}。`, en: `The meter refused: ${en}.` }, isLasting } };
    },
    fault: (fault, detail) => ({ kind: 'missed', keys: [], fault, detail }),
  };
}

/** ss mm hh WW DD MM YY in BCD, as the meter's own clock shows it. */
export function clockBytes(at: number, utcOffset: string): number[] {
  const sign = utcOffset.startsWith('-') ? -1 : 1;
  const offset = sign * (Number(utcOffset.slice(1, 3)) * 60 + Number(utcOffset.slice(4, 6)));
  const local = new Date(at + offset * 60_000);
  return [
    local.getUTCSeconds(),
    local.getUTCMinutes(),
    local.getUTCHours(),
    local.getUTCDay(),
    local.getUTCDate(),
    local.getUTCMonth() + 1,
    local.getUTCFullYear() % 100,
  ].map((value) => parseInt(String(value), 16));
}
