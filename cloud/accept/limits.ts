/** A limit on everything the uplink lets in. Relations between them are asserted when this file loads. */
import { maxUplinkBytes } from '@yihu/device-profiles/vocabulary/uplink.ts';

export const acceptLimits = {
  /** Sockets in all, and from one address (many gateways may share one). */
  sockets: 12_000,
  socketsPerAddress: 512,
  handshakeMs: 5_000,
  connectMs: 5_000,
  keepaliveSeconds: 60,
  /** A gateway that does not read for this long is disconnected, so that it holds up nobody. */
  drainMs: 2_000,
  /** An MQTT packet before and after CONNECT was accepted. */
  packetBytesBefore: 4 * 1024,
  packetBytesAfter: maxUplinkBytes + 1024,
  /** Waiting batches of one gateway; past it a batch is dropped and the gateway sent back to the cursor. */
  queuedBatches: 512,
  queuedBytes: 4 * maxUplinkBytes,
  /** Waiting parts of pictures of one gateway. */
  queuedParts: 4,
  /** What one commit takes at most: an alarm waits for the commit that is under way. */
  commitBatches: 64,
  commitBytes: 48 * 1024,
  /** Between two tries while the database does not answer. */
  retryMinMs: 200,
  retryMaxMs: 5_000,
  /** A gateway is not told twice within this time to go back to the same cursor. */
  rewindEveryMs: 2_000,
  /**
   * How long a batch waits for the one in front of it before the gateway is sent back. One connection keeps the order, so
   * the embedded listener never waits; several workers on a cluster's stream need about half a second.
   */
  holdMs: 0,
  /** Sessions are checked against revocation and expiry this often, besides at every message. */
  sweepMs: 2_000,
} as const;

export type AcceptLimits = { readonly [key in keyof typeof acceptLimits]: number };

function assertRelation(holds: boolean, says: string): void {
  if (!holds) throw new Error(`accept/limits.ts: ${says}`);
}

assertRelation(acceptLimits.packetBytesBefore < acceptLimits.packetBytesAfter, 'a stranger may send less than a gateway');
assertRelation(acceptLimits.commitBytes <= acceptLimits.queuedBytes, 'a commit fits into what may wait');
assertRelation(acceptLimits.sweepMs < 5_000, 'a revoked session ends within five seconds');

/** Of a worker behind a broker. */
export const clusterLimits = {
  /** The broker takes back what a silent worker said of itself after one and a half of these (MQTT 3.1.1 §3.1.2.10). */
  keepaliveSeconds: 5,
  reconnectMs: 500,
  /** How soon a new gateway is listened to, and a revoked one no longer is. */
  lookMs: 2_000,
  /** How long the old owner of a gateway goes on listening. */
  handOverMs: 500,
  /** A batch waits so long for the one in front of it while a gateway changes hands. */
  holdMs: 300,
  /** One SUBSCRIBE packet names the topics of so many. */
  gatewaysPerSubscribe: 100,
} as const;

assertRelation(clusterLimits.lookMs < 5_000, 'a revoked gateway is not heard after five seconds');
assertRelation(clusterLimits.handOverMs > clusterLimits.holdMs, 'the old owner listens until the new one’s wait is over');
