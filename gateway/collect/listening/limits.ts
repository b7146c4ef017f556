/** Bounds of every port that devices dial in to. Bytes, milliseconds, counts; their relations are asserted below. */
export const limits = {
  connections: 4_096,
  connectionsPerAddress: 256,
  /** What a connection may send before it has said, in a whole frame, whose it is. */
  beforeKnownBytes: 8 * 1024,
  /** How long it may take over that; a connection that dribbles is gone after it. */
  beforeKnownMs: 10_000,
  tlsHandshakeMs: 5_000,
  /** The largest frame any protocol here has; each names its own, smaller one. */
  frameBytes: 16 * 1024,
  /** Longer than this a frame is not waited for: what stands behind its beginning is looked at for whole frames. */
  partialFrameMs: 5_000,
  /** Bytes in a row that belong to no frame; then the connection is closed, because it speaks something else. */
  noiseBytes: 64 * 1024,
  /** Frames with a wrong checksum, one after the other, are worth that much noise. */
  damagedInARow: 32,
  /** What is kept for a device that does not read, beyond the kernel's buffers. */
  unreadBytes: 64 * 1024,
  /** A device that takes nothing for so long is closed. */
  drainMs: 10_000,
  /** Frames of all connections of a port on their way to disk; the rest stays unread in the kernel's buffers. */
  inFlight: 512,
  /** Frames that could not be kept are offered again after this pause, for so long; then their connection is given up. */
  notKeptPauseMs: 500,
  keepPatienceMs: 10_000,
  /** How often time-outs are looked at. */
  sweepMs: 250,
  /** TCP keep-alive probes find connections whose other end is gone. */
  keepAliveMs: 60_000,
  /** Takings-over of one device within the window; after that the one who is there stays. */
  takeOvers: 10,
  takeOverWindowMs: 60_000,
  /** How long a device stays marked after the last sign of its fault. */
  faultShownMs: 600_000,
  /** Refused things kept for the installer. */
  refusedKept: 10,
  /** A device's last frame that comes again within this is the same; an earlier one on its own connection within that. */
  repeatWindowMs: 180_000,
  repeatOnConnectionMs: 60_000,
  repeatsKept: 8,
  /** Commands of one connection that wait for their answer. */
  commandsWaiting: 32,
  /** Exchanges kept per device, and what is shown of one. */
  exchangesKept: 20,
  exchangeText: 600,
  /** A connection that is refused has so long to take the last words. */
  farewellMs: 2_000,
  /** A stop waits so long for what is being kept and acked. */
  stopMs: 5_000,
  restartFirstMs: 500,
  restartLastMs: 10_000,
} as const;

if (limits.beforeKnownBytes > limits.frameBytes || limits.frameBytes > limits.noiseBytes) {
  throw new Error('limits: the byte bounds must rise from a stranger to a frame to noise');
}
if (limits.sweepMs * 4 > limits.partialFrameMs || limits.partialFrameMs > limits.beforeKnownMs) {
  throw new Error('limits: a late frame must be seen in time, and before its sender is given up');
}
