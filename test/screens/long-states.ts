import type { FixtureServer } from './fixture-server.ts';
import { summaryOf } from './fixture-incidents.ts';
import type { ScreenState } from './states.ts';

const community = '翡翠湾国际花园二期北区人才公寓';
const place = `${community} 12栋3单元2801`;
/** 40 characters each, as an installer may write. */
const name = {
  zh: '十二栋三单元二十八层二八零一室主卧北侧吊顶内独立式光电感烟火灾探测报警器零零壹号机',
  en: 'Smoke detector, north bedroom ceiling 01',
};

/** A device whose name has forty characters in a community with a long name, and every badge there is. */
export function longNames({ world }: FixtureServer): void {
  world.devices = world.devices.map((one, index) =>
    index % 2 === 0
      ? {
          ...one,
          name,
          placeText: place,
          worst: 'critical',
          activeAlarms: 12,
          availability: index % 4 === 0 ? 'online' : one.availability,
        }
      : one,
  );
  world.gateways = world.gateways.map((one, index) => ({
    ...one,
    name: { zh: `${community} 12栋 ${index}号网关`, en: `${community} 12, gateway ${index}` },
  }));
  for (const [id, detail] of world.details) {
    const alarms = detail.alarms.map((one) => ({ ...one, deviceName: name }));
    const one = {
      ...detail,
      place,
      alarms,
      title: { zh: `${place} ${detail.title.zh}`, en: `${place} ${detail.title.en ?? ''}` },
    };
    world.details.set(id, { ...one, ...summaryOf(one), place });
  }
}

const desk = { path: '/dispatcher/', as: 'dispatcher', given: longNames } as const;
const manager = { as: 'property', given: longNames } as const;

export const longDeskStates: ScreenState[] = [{ ...desk, name: 'desk-long', ready: '.picture-image:not(.waiting)' }];
export const longOfficeStates: ScreenState[] = [
  { ...manager, name: 'devices-long', path: '/property/devices', ready: '.row' },
  { ...manager, name: 'device-long', path: '/property/devices/gw-xfl-1-1/smoke-000', ready: '.trend canvas' },
];
export const longWallStates: ScreenState[] = [
  { path: '/wall/', as: 'wall', given: longNames, name: 'wall-long', ready: '.takeover' },
];
