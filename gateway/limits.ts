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
  /** Readings of one record; a device that says more at once gets several. The vocabulary's bound. */
  recordReadings: 1_024,
  /** An I/O error that lasts longer ends the process, so that a supervisor starts it anew on a file system read anew. */
  ioPatienceMs: 30_000,
  /** A stop that takes longer is broken off: everything acked is on disk by then. */
  stopMs: 20_000,
  /** How often a taken local address, a missing identity and the uplink's state are looked at again. */
  lookAgainMs: 5_000,
  /** A log renewed because the cloud is ahead of it is not renewed again so soon. */
  renewPauseMs: 600_000,
  /** A change of the site is verified within this, or rolled back; and how often it is looked at meanwhile. */
  changeMs: 120_000,
  changeLookMs: 200,
  /** How often it is looked whether a push waits, and whether the cloud knows what site runs. */
  pushLookMs: 500,
  /** How often holding times and silences are looked at. */
  tickMs: 200,
  /** Orders that wait for one device, and in all; more are refused. */
  deviceActs: 16,
  openActs: 256,
  /** Finished orders that are remembered, so that one given twice is known. */
  rememberedActs: 1_000,
  /** The second person agrees within this, or nothing is sent. */
  secondPersonMs: 60_000,
  /** A port that does not say what became of an order is not waited for longer than this past the order's end. */
  actOutcomeMs: 30_000,
  /** Keys by which what a device says again is known, and how many of them outlive a restart. */
  saidKeys: 1_024,
  keptSaidKeys: 32,
  /** Events, and transitions, of one record; more at once get several. The vocabulary's bound. */
  recordEvents: 256,
  /** Site file. */
  siteBytes: 4 * 1024 * 1024,
  siteDevices: 20_000,
  sitePorts: 256,
  linkageRules: 256,
  /** Parts that one device may speak of; those beyond share one more. */
  partsPerDevice: 4_096,
  /** The log's budget unless the site file says otherwise. */
  storeBytes: 2 * 1024 * 1024 * 1024,
  alarmReserveBytes: 128 * 1024 * 1024,
  /** The local page: what is pasted from a line monitor fits. */
  localBodyBytes: 256 * 1024,
  localRequestMs: 30_000,
  /** How long an alarm test from the page waits for the cloud. */
  alarmTestMs: 30_000,
  /** 等值班确认: how long a test alarm of the local page waits for somebody on duty. */
  alarmAnswerMs: 120_000,
  /** Rows that a list of the local page holds; searching finds the rest. */
  localRows: 200,
  passwordLength: 12,
  /** Wrong passwords in a row from one address before it waits, and how long: twice as long each time, up to the most. */
  wrongBeforeLockout: 5,
  lockoutMs: 30_000,
  lockoutMostMs: 15 * 60_000,
  lockoutForgetMs: 60 * 60_000,
  lockoutAddresses: 1_000,
  /** Of all addresses together. */
  signInsPerMinute: 30,
  hashesWaiting: 4,
  sessions: 32,
  sessionIdleMs: 2 * 3_600_000,
  sessionMostMs: 12 * 3_600_000,
} as const;

function assertRelation(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`limits.ts contradicts itself: ${sentence}`);
}

assertRelation(limits.ackGroupMs < limits.groupMs, 'messages must not wait longer than readings');
assertRelation(limits.groupRecords < limits.pendingFrames, 'a group must fit into what may be pending');
assertRelation(limits.alarmReserveBytes < limits.storeBytes, 'the alarm reserve must fit into the log');
assertRelation(limits.tickMs <= 1_000, 'a holding time must not run out more than a second late');
assertRelation(limits.lockoutMostMs < limits.lockoutForgetMs, 'a lock-out must be remembered for longer than it lasts');
