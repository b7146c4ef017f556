import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { PictureOutcome, RunningPort } from './collect/driver.ts';
import type { Site } from './config.ts';
import { limits } from './snapshot/limits.ts';
import { Snapshots } from './snapshot/snapshots.ts';
import type { Log } from './store/log.ts';
import type { Troubles } from './troubles.ts';

interface Parts {
  /** As it is now; asked each time. */
  readonly site: () => Site;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly log: Log;
  readonly troubles: Troubles;
  /** The running port of a device; asked when a picture is wanted. */
  readonly portOf: (device: string) => RunningPort | undefined;
}

/** The place for pictures; null where its folder cannot be used, which is said and takes nothing else down. */
export async function openSnapshots(parts: Parts): Promise<Snapshots | null> {
  const { site, clock, log, troubles } = parts;
  const { data, uplink } = site();
  const { keepMs, maxBytes } = site().snapshots;
  const folder = join(data, 'snapshots');
  const snapshots = new Snapshots({
    folder,
    keepMs,
    maxBytes,
    hasCloud: uplink,
    cameras: () => site().snapshots.cameras,
    mayKeep: (device) => mayKeep(site(), device),
    log,
    clock,
    ask: (camera) => askCamera(parts, camera),
    onTrouble: (key, trouble, error) => (trouble ? troubles.add(key, trouble.zh, trouble.en, error) : troubles.over(key)),
  });
  try {
    return await snapshots.start(await log.loadState());
  } catch (error) {
    await snapshots.stop();
    troubles.add(
      'snapshots',
      `快照目录 ${folder} 不能用，告警将没有图片。请检查 ${dirname(folder)} 的权限和磁盘。`,
      `The snapshot folder ${folder} cannot be used: alarms have no pictures. Check the permissions and the disk of ${dirname(folder)}.`,
      error,
    );
    return null;
  }
}

function mayKeep({ devices }: Site, id: string): boolean {
  const device = devices.find((each) => each.id === id);
  return device?.profile.pictures !== 'drop' && device?.snapshot !== 'off';
}

/** Whatever a driver does, the answer is there in time: a little later than its own time-outs. */
function askCamera({ portOf, clock }: Parts, camera: string): Promise<PictureOutcome> {
  const { promise, resolve } = Promise.withResolvers<PictureOutcome>();
  const bounds = { maxBytes: limits.pictureBytes, timeoutMs: limits.tryMs, videoMs: limits.videoMs };
  const picture = portOf(camera)?.picture?.(camera, bounds);
  if (picture === undefined) return Promise.resolve(noPort);
  const timer = clock.after(limits.tryMs + limits.videoMs + limits.againMs, () => resolve(late));
  picture.then(resolve, (error: unknown) => resolve(broken(error)));
  return promise.finally(() => timer.cancel());
}

const noPort: PictureOutcome = {
  missing: 'no-source',
  zh: '这台摄像机的端口没有启动，取不到图片。',
  en: 'The port of this camera is not running; there is no picture.',
};

const late: PictureOutcome = {
  missing: 'no-answer',
  zh: '摄像机没有按时给出图片。请检查摄像机和网络。',
  en: 'The camera gave no picture in time. Check it and the network.',
};

function broken(error: unknown): PictureOutcome {
  return {
    missing: 'refused',
    zh: `取图时驱动出错（${String(error)}）；请把日志发给开发者。`,
    en: `The driver broke while taking the picture (${String(error)}); please send the log to the developers.`,
  };
}
