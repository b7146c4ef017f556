/** A limit on everything, in one place; their relations are asserted when this file loads. */
export const limits = {
  /** Readings wait at most this long for company before they are committed. */
  groupMs: 100,
  /** Messages wait for their ack, so they wait less. */
  ackGroupMs: 10,
  /** A group is committed when it holds this many records, however young it is. */
  groupRecords: 2_000,
  /** Frames accepted and not yet on disk; beyond it, drivers are told "not kept" and hold back. */
  pendingFrames: 20_000,
  /** How often holding times and silences are looked at. */
  tickMs: 200,
  /** Site file. */
  siteBytes: 4 * 1024 * 1024,
  siteDevices: 20_000,
  sitePorts: 256,
  /** The log's budget unless the site file says otherwise. */
  storeBytes: 2 * 1024 * 1024 * 1024,
  alarmReserveBytes: 128 * 1024 * 1024,
} as const;

function assertRelation(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`limits.ts contradicts itself: ${sentence}`);
}

assertRelation(limits.ackGroupMs < limits.groupMs, 'messages must not wait longer than readings');
assertRelation(limits.groupRecords < limits.pendingFrames, 'a group must fit into what may be pending');
assertRelation(limits.alarmReserveBytes < limits.storeBytes, 'the alarm reserve must fit into the log');
assertRelation(limits.tickMs <= 1_000, 'a holding time must not run out more than a second late');
