import { mbusOf } from '@yihu/device-profiles/protocols/mbus.ts';
import { z } from 'zod';
import type { BoundDevice, ConfigProblem } from '../driver.ts';
import type { Dialect } from '../line/dialect.ts';
import type { MeterLink } from './ask.ts';
import { readMeter } from './read.ts';

/** 一次地址, 0–250; with the meter's number, an answer of another meter is refused. */
const Primary = z.strictObject({
  primary: z.number().int().min(0).max(250),
  id: z
    .string()
    .regex(/^\d{8}$/, 'must be the 8 digits printed on the meter')
    .optional(),
});

/** 二次地址: the number printed on the meter, and what else tells it from others; `F` leaves a digit open. */
const Secondary = z.strictObject({
  secondary: z.string().regex(/^[\dF]{8}$/, 'must be the 8 digits printed on the meter, F for any digit'),
  manufacturer: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be three letters')
    .optional(),
  version: z.number().int().min(0).max(254).optional(),
  medium: z.number().int().min(0).max(254).optional(),
});

export const MbusAddress = z.union([Primary, Secondary]);
export type MbusAddress = z.output<typeof MbusAddress>;

type Device = BoundDevice<MbusAddress>;

export const dialect: Dialect<MbusAddress> = {
  protocol: 'mbus',
  address: MbusAddress,
  check,
  serial: ({ profile }) => mbusOf(profile).serial,
  // A meter gives all it has to one question, whichever points are wanted.
  reads: ({ profile, address }, points) =>
    points.length === 0 ? [] : [readMeter(profile, linkOf(address), 'id' in address ? address.id : undefined)],
  timing: ({ profile }) => {
    const { timeout, retries, gap } = mbusOf(profile).timing;
    return { timeoutMs: timeout, retries, ...(gap === undefined ? {} : { gapMs: gap }) };
  },
};

function linkOf(address: MbusAddress): MeterLink {
  if ('primary' in address) return { primary: address.primary };
  const { secondary: id, manufacturer, version, medium } = address;
  return { secondary: { id, manufacturer, version, medium } };
}

function check(devices: readonly Device[]): ConfigProblem[] {
  return devices.flatMap(({ id, address }, index) => {
    const twin = devices.slice(0, index).find((other) => mayMeet(other.address, address));
    if (twin === undefined) return [];
    const path = `devices.${id}.address`;
    if ('primary' in address) {
      return [
        {
          path,
          zh: `设备 ${twin.id} 已使用一次地址 ${address.primary}。`,
          en: `Device ${twin.id} has the primary address ${address.primary} already.`,
        },
      ];
    }
    return [
      {
        path,
        zh: `这个二次地址与设备 ${twin.id} 会指同一块表。`,
        en: `This secondary address may mean the same meter as device ${twin.id}.`,
      },
    ];
  });
}

function mayMeet(a: MbusAddress, b: MbusAddress): boolean {
  if ('primary' in a || 'primary' in b) return 'primary' in a && 'primary' in b && a.primary === b.primary;
  const isOpen = (one: unknown, other: unknown): boolean => one === undefined || other === undefined || one === other;
  const digits = Array.from(a.secondary).every(
    (digit, at) => digit === 'F' || b.secondary[at] === 'F' || digit === b.secondary[at],
  );
  return digits && isOpen(a.manufacturer, b.manufacturer) && isOpen(a.version, b.version) && isOpen(a.medium, b.medium);
}
