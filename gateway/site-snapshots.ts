import type { Place } from '@yihu/device-profiles/vocabulary/place.ts';
import type { BoundDevice } from './collect/driver.ts';
import { type Report } from './problems.ts';
import type { Frame } from './site-file.ts';
import { camerasOf } from './snapshot/links.ts';

/** What the site file says of pictures, with every camera found. */
export interface SiteSnapshots {
  readonly keepMs: number;
  readonly maxBytes: number;
  /** Device → the camera that is asked when it has an alarm. */
  readonly cameras: ReadonlyMap<string, string>;
}

interface Port {
  readonly driver: { hasPictures?(port: unknown, device: BoundDevice): boolean };
  readonly settings: unknown;
  readonly devices: readonly BoundDevice[];
}

interface Device extends BoundDevice {
  readonly place: Place;
  readonly snapshot?: { readonly camera: string } | 'off' | undefined;
}

const dayMs = 86_400_000;

/** Finds the cameras a site file speaks of, and says what is wrong with those that are none. */
export function siteSnapshots(
  { devices: sections, snapshots }: Frame,
  devices: readonly Device[],
  ports: readonly Port[],
  report: Report,
): SiteSnapshots {
  const bound = new Map(devices.map((device) => [device.id, device]));
  const known = new Set(sections.flatMap((section) => section?.id ?? []));
  const cameras = new Set(
    ports.flatMap(({ driver, settings, devices: own }) =>
      own.filter((device) => driver.hasPictures?.(settings, device) === true).map(({ id }) => id),
    ),
  );
  const check = (camera: string, path: (string | number)[]): void => {
    if (!known.has(camera)) return report.add(path, ...unknownSentences(camera));
    const device = bound.get(camera);
    // A device with a problem of its own has been spoken of already.
    if (device && !cameras.has(camera)) report.add(path, ...noCameraSentences(camera));
    if (device?.profile.pictures === 'drop') report.add(path, ...dropSentences(camera, device.profile.id));
  };
  sections.forEach((section, i) => {
    if (typeof section?.snapshot === 'object') check(section.snapshot.camera, ['devices', i, 'snapshot', 'camera']);
  });
  snapshots.cameras.forEach(({ camera, place }, i) => {
    check(camera, ['snapshots', 'cameras', i, 'camera']);
    if (Object.keys(place).length === 0) report.add(['snapshots', 'cameras', i, 'place'], ...placeSentences);
  });
  return {
    keepMs: snapshots.keepDays * dayMs,
    maxBytes: snapshots.maxMegabytes * 1024 * 1024,
    cameras: camerasOf(devices, snapshots.cameras, (id) => cameras.has(id)),
  };
}

const placeSentences = [
  '请写明摄像机看着哪里，例如 {building: "3", unit: "2"}。',
  'Say where the camera looks, such as {building: "3", unit: "2"}.',
] as const;

function unknownSentences(camera: string): [zh: string, en: string] {
  return [
    `没有设备 ${camera}。请在 devices 里声明这台摄像机。`,
    `There is no device ${camera}. Declare the camera under devices.`,
  ];
}

function noCameraSentences(camera: string): [zh: string, en: string] {
  return [
    `${camera} 不是能取图的摄像机。请写一台 ONVIF 摄像机，或写明了 host 且档案能取图（still）的设备。`,
    `${camera} is no camera that can be asked for a picture. Name an ONVIF camera, or a device with a host whose profile has still.`,
  ];
}

function dropSentences(camera: string, profile: string): [zh: string, en: string] {
  return [
    `${camera} 的档案 ${profile} 不允许保存图片（pictures: drop）。`,
    `The profile ${profile} of ${camera} lets no picture be kept (pictures: drop).`,
  ];
}
