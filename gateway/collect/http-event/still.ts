import type { MissingReason } from '@yihu/device-profiles/vocabulary/snapshot.ts';
import type { Clock } from '../../clock.ts';
import type { PictureOutcome } from '../driver.ts';
import type { Bounds, DeviceClient, Whole } from './client.ts';
import type { Trouble } from './trouble.ts';

export interface StillParts {
  readonly client: DeviceClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** 抓图: a picture of now, from the path that the profile names. Never rejects. */
export async function takeStill(path: string, bounds: Bounds, { client, clock, signal }: StillParts): Promise<PictureOutcome> {
  const whole = await client.fetch({ method: 'GET', path }, signal, bounds);
  if ('code' in whole) return { missing: reasonOf(whole), zh: whole.zh, en: whole.en };
  const { status, bytes } = whole;
  if (status !== 200) return refused(whole);
  // Start of image (ITU-T T.81 §B.2.1): some devices answer 200 and a page that says no.
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return notAPicture;
  return { at: clock.now(), bytes };
}

const reasons: Readonly<Record<string, MissingReason>> = {
  'not-allowed': 'not-allowed',
  redirect: 'not-allowed',
  unreachable: 'unreachable',
  'no-answer': 'no-answer',
  'broken-off': 'no-answer',
  'too-large': 'too-large',
};

/** All that is left has to do with passwords and certificates. */
function reasonOf({ code }: Trouble): MissingReason {
  return reasons[code] ?? 'wrong-login';
}

function refused({ status }: Whole): PictureOutcome {
  return {
    missing: status === 404 ? 'no-source' : 'refused',
    zh: `设备不给图片（HTTP ${status}）。请检查型号与档案是否一致，以及账号是否有抓图权限。`,
    en: `The device gives no picture (HTTP ${status}). Check that device and profile are the same model, and that the account may take pictures.`,
  };
}

const notAPicture: PictureOutcome = {
  missing: 'not-a-picture',
  zh: '设备的应答不是 JPEG 图片。请检查型号与档案是否一致。',
  en: 'What the device answered is no JPEG. Check that device and profile are the same model.',
};
