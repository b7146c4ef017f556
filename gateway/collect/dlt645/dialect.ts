import { dlt645Of, Dlt645Command } from '@yihu/device-profiles/protocols/dlt645.ts';
import { z } from 'zod';
import type { BoundDevice, ConfigProblem } from '../driver.ts';
import type { Dialect } from '../line/dialect.ts';
import type { MeterLink } from './ask.ts';
import { clockRead, passwordOf, relayRead } from './command.ts';
import { everybody, functions, hasWildcard } from './frame.ts';
import { readWanted, wantedOf } from './read.ts';

/** 表地址: the 12 digits printed on the meter; leading `AA` leave digits open (缩位寻址), where only one meter can be meant. */
export const Dlt645Address = z.strictObject({
  meter: z
    .string()
    .regex(/^(AA){0,6}\d*$/, 'must be 12 digits, or AA for leading pairs')
    .length(12),
  /** Who may switch this meter's relay; without it nobody may. */
  control: z
    .strictObject({ passwordFile: z.string().min(1), operator: z.string().regex(/^\d{8}$/, 'must be 8 digits') })
    .optional(),
});
export type Dlt645Address = z.output<typeof Dlt645Address>;

type Device = BoundDevice<Dlt645Address>;

export const dialect: Dialect<Dlt645Address> = {
  protocol: 'dlt645',
  address: Dlt645Address,
  check,
  serial: ({ profile }) => dlt645Of(profile).serial,
  reads: (device, points) => {
    const link = linkOf(device);
    return wantedOf(device.profile, points).map((wanted) => readWanted(device.profile, link, wanted));
  },
  timing: ({ profile }) => {
    const { timeout, retries, gap } = dlt645Of(profile).timing;
    return { timeoutMs: timeout, retries, ...(gap === undefined ? {} : { gapMs: gap }) };
  },
  act: (device, { spec }, { at, folder }) => {
    const told = Dlt645Command.parse(spec.do);
    const { utcOffset } = dlt645Of(device.profile);
    if ('clock' in told) return clockRead(linkOf(device), at, utcOffset);
    const { meter, control } = device.address;
    if (control === undefined) return { refused: noControl };
    if (hasWildcard(meter)) return { refused: noFullAddress };
    const password = passwordOf(control.passwordFile, folder);
    if (typeof password !== 'string') return { refused: password };
    return relayRead(linkOf(device), told.relay, password, control.operator, at, utcOffset);
  },
};

const noControl = {
  code: 'no-password',
  zh: '这块表没有配置密码和操作者代码；请在现场文件的 address.control 里填写。',
  en: 'No password and operator are set for this meter; write them to address.control in the site file.',
};

const noFullAddress = {
  code: 'wildcard',
  zh: '带通配（AA）的地址只能读；控制命令需要完整的 12 位表地址。',
  en: 'An address with wildcards (AA) can only be read; a command needs all 12 digits.',
};

function linkOf({ profile, address }: Device): MeterLink {
  const { version, preamble, readFunction } = dlt645Of(profile);
  const usual = version === '2007' ? functions.read : functions.read1997;
  return { address: address.meter, version, preamble, readFunction: readFunction ?? usual };
}

/** Two devices that one answer would fit are a mistake, and so is the broadcast address. */
function check(devices: readonly Device[]): ConfigProblem[] {
  return devices.flatMap((device, index) => {
    const { meter } = device.address;
    const path = `devices.${device.id}.address.meter`;
    if (meter === everybody) {
      return [
        {
          path,
          zh: '999999999999 是广播地址，没有表会应答。',
          en: '999999999999 is the broadcast address; no meter answers it.',
        },
      ];
    }
    const other = devices.slice(0, index).find(({ address }) => mayMeet(address.meter, meter));
    if (other === undefined) return [];
    return [
      {
        path,
        zh: `地址 ${meter} 与设备 ${other.id} 的地址 ${other.address.meter} 会指同一块表。`,
        en: `The address ${meter} may mean the same meter as ${other.address.meter} of device ${other.id}.`,
      },
    ];
  });
}

function mayMeet(a: string, b: string): boolean {
  const pairs = (text: string): string[] => text.match(/../g) ?? [];
  const others = pairs(b);
  return pairs(a).every((pair, at) => pair === others[at] || pair === 'AA' || others[at] === 'AA');
}
