/** A limit on everything a device or a stranger can grow. */
export const limits = {
  // ── requests to us ──
  connections: 2_000,
  connectionsPerAddress: 32,
  headBytes: 8 * 1024,
  headers: 64,
  targetChars: 2_048,
  /** The head must be there within this, the whole request within the next; what is slower is closed (slowloris). */
  headMs: 10_000,
  requestMs: 60_000,
  /** A reply that is not taken for so long ends the connection. */
  replyMs: 20_000,
  keepAliveMs: 75_000,
  requestsPerConnection: 10_000,
  /** A request may hold this much at most, pictures included. */
  requestBytes: 16 * 1024 * 1024,
  retryAfterSeconds: 5,
  nonceMs: 300_000,
  nonces: 2_000,
  // ── bodies ──
  textBytes: 256 * 1024,
  pictureBytes: 2 * 1024 * 1024,
  partHeadBytes: 4 * 1024,
  parts: 64,
  preambleBytes: 64 * 1024,
  partBytes: 64 * 1024 * 1024,
  depth: 32,
  nodes: 20_000,
  lines: 2_000,
  lineChars: 8 * 1024,
  fields: 256,
  /** The longest text a reading or an event carries; longer ones are pictures and templates in text's clothes. */
  textChars: 4_096,
  // ── requests of ours ──
  connectMs: 5_000,
  answerMs: 10_000,
  answerBytes: 1024 * 1024,
  answerHeadBytes: 16 * 1024,
  /** The first request, one with a login, one more where the nonce was stale. */
  attempts: 3,
  /** A device locks an account after a handful of wrong passwords; we ask with the same one no sooner than this. */
  wrongLoginMs: 15 * 60_000,
  reconnectFirstMs: 1_000,
  reconnectLastMs: 60_000,
  /** A stream's messages that could not be kept are offered again after this; the device waits meanwhile. */
  offerAgainMs: 1_000,
  heartbeatEveryMs: 1_000,
  // ── back-fill ──
  backfillPages: 200,
  backfillFirstMs: 2_000,
  backfillLastMs: 300_000,
  /** Missing ranges that are remembered; the oldest are given up first. */
  missingRanges: 32,
  missingSerials: 20_000,
  // ── what was heard before ──
  seenKeys: 1_024,
  /** Of these, across a restart. */
  keptKeys: 32,
  // ── the rest ──
  exchanges: 20,
  exchangeChars: 600,
  refusedKept: 10,
  queuedCommands: 16,
  /** How long a device may take to tell how a command ended, after it took it. */
  resultMs: 30_000,
} as const;
