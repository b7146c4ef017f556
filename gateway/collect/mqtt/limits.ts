/** Bounds of the MQTT port. Bytes, milliseconds, counts; their relations are asserted below. */
export const limits = {
  /** What a socket may send before its CONNECT is accepted, in all. */
  beforeConnectBytes: 4 * 1024,
  /** One packet after that. */
  packetBytes: 256 * 1024,
  /** Packets above this are "large", and the unfinished large packets of all sockets share one budget. */
  largePacketBytes: 16 * 1024,
  largePacketsBytes: 32 * 1024 * 1024,
  connectTimeoutMs: 5_000,
  /** What is kept for a device that does not read, beyond the kernel's buffers. */
  unreadBytes: 16 * 1024,
  /** A device that does not read for so long is closed; until then it can hold up its own commands only. */
  drainTimeoutMs: 2_000,
  /** MQTT 3.1.1 §3.1.2.10: 0 would switch the server's patience off for ever, so it is refused like anything above. */
  keepaliveSeconds: 1_200,
  connections: 4_096,
  connectionsPerAddress: 256,
  topicBytes: 512,
  topicLevels: 32,
  /** Packets a client may send ahead of its CONNACK. */
  queuedPackets: 42,
  /** Takings-over of one login within the window; after that the one who is there stays. */
  takeOvers: 5,
  takeOverWindowMs: 60_000,
  /** How long a device stays marked after the last sign of its fault. */
  faultShownMs: 600_000,
  /** Before a client whose message could not be kept is closed, so that it does not come back in a tight circle. */
  rejectBrakeMs: 250,
  /** Refused things kept for the installer. */
  refusedKept: 10,
  restartFirstMs: 500,
  restartLastMs: 10_000,
  /** Towards a broker that is there. */
  keepaliveOutSeconds: 15,
  connectOutTimeoutMs: 10_000,
  /** Messages taken from that broker and not yet on disk. */
  inFlight: 256,
} as const;

if (limits.drainTimeoutMs > 2_000) throw new Error('limits: one frozen subscriber may not hold others longer than 2 s');
if (limits.beforeConnectBytes > limits.largePacketBytes || limits.largePacketBytes > limits.packetBytes) {
  throw new Error('limits: the packet bounds must rise from before CONNECT to large to the largest');
}
