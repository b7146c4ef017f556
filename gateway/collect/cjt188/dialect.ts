import { Cjt188Command, cjt188Of } from '@yihu/device-profiles/protocols/cjt188.ts';
import { z } from 'zod';
import type { BoundDevice, ConfigProblem } from '../driver.ts';
import type { Dialect } from '../line/dialect.ts';
import { type MeterLink, readIdentifier, valveRead, wantedOf } from './read.ts';

/** 表地址: the 14 digits of the meter; where 10 or 12 are printed, zeros or the maker's code stand in front. */
export const Cjt188Address = z.strictObject({
  meter: z
    .string()
    .regex(/^[0-9A-F]{14}$/, 'must be 14 digits, high first; the first four are the maker’s, often 0000')
    .refine((meter) => !/^(AA)+$/.test(meter), 'AAAAAAAAAAAAAA would mean every meter of the line'),
});
export type Cjt188Address = z.output<typeof Cjt188Address>;

type Device = BoundDevice<Cjt188Address>;

export const dialect: Dialect<Cjt188Address> = {
  protocol: 'cjt188',
  address: Cjt188Address,
  check,
  serial: ({ profile }) => cjt188Of(profile).serial,
  reads: (device, points) => {
    const link = linkOf(device);
    return [...wantedOf(device.profile, points)].map(([identifier, keys]) =>
      readIdentifier(device.profile, link, identifier, keys),
    );
  },
  timing: ({ profile }) => {
    const { timeout, retries, gap } = cjt188Of(profile).timing;
    return { timeoutMs: timeout, retries, ...(gap === undefined ? {} : { gapMs: gap }) };
  },
  act: (device, { spec }) => {
    const { valveIdentifierOrder } = cjt188Of(device.profile);
    return valveRead(linkOf(device), valveIdentifierOrder, Cjt188Command.parse(spec.do));
  },
};

function linkOf({ profile, address }: Device): MeterLink {
  const { meterType, preamble } = cjt188Of(profile);
  return { meterType, address: address.meter, preamble };
}

function check(devices: readonly Device[]): ConfigProblem[] {
  return devices.flatMap(({ id, address }, index) => {
    const twin = devices.slice(0, index).find((other) => other.address.meter === address.meter);
    if (twin === undefined) return [];
    return [
      {
        path: `devices.${id}.address.meter`,
        zh: `设备 ${twin.id} 已使用表地址 ${address.meter}。`,
        en: `Device ${twin.id} has the meter address ${address.meter} already.`,
      },
    ];
  });
}
