import { maxPictureBytes, maxSnapshotAlarms } from '@yihu/device-profiles/vocabulary/snapshot.ts';

/** A limit on everything that cameras, alarms and time can grow. */
export const limits = {
  pictureBytes: maxPictureBytes,
  /** One try at a camera; a dispatcher waits three seconds for a picture in the card. */
  tryMs: 3_000,
  /** More for a picture that has to be taken out of a video, which begins with the next key frame. */
  videoMs: 15_000,
  tries: 2,
  againMs: 500,
  /** Cameras asked at the same time. */
  atOnce: 8,
  /** An alarm that comes so soon after a picture of its camera shares it. */
  shareMs: 2_000,
  sharedBy: maxSnapshotAlarms,
  /** An older alarm gets none: the picture would show something else. */
  freshMs: 120_000,
  /** Alarms that wait for their picture; the oldest give up first. */
  orders: 1_024,
  /** Pictures that cameras sent by themselves wait this long for an alarm they belong to, and so many of them. */
  pushedMs: 10_000,
  pushed: 16,
  /** The disk took nothing: tried again after this. */
  storeAgainMs: 5_000,
  /** How often old pictures are looked for. */
  tidyEveryMs: 60_000,
  /** Pictures in the folder, whatever the site file says. */
  pictures: 20_000,
} as const;

function assertRelation(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`snapshot/limits.ts contradicts itself: ${sentence}`);
}

assertRelation(limits.shareMs < limits.freshMs, 'a shared picture must be a fresh one');
assertRelation(
  limits.tries * (limits.tryMs + limits.videoMs + limits.againMs) < limits.freshMs,
  'all tries must end while the alarm is fresh',
);
