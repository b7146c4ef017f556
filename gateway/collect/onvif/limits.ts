/** A limit on everything a camera can grow, and how long it is waited for. */
export const limits = {
  /** One SOAP answer. */
  answerBytes: 1024 * 1024,
  depth: 32,
  elements: 20_000,
  /** Any call but a pull. */
  callMs: 10_000,
  /** From nothing to a subscription, however many calls that takes. */
  connectMs: 40_000,
  /** A pull waits so long for something to happen, and its answer so much longer. */
  pullMs: 20_000,
  /** The first of a subscription: it shows that pulls are answered, and how things stand. */
  firstPullMs: 1_000,
  pullGraceMs: 10_000,
  messagesPerPull: 64,
  /** Between two pulls that brought nothing at once: a camera that does not wait must not be asked in a circle. */
  emptyPullMs: 1_000,
  /** A subscription whose pulls have not been answered for so long is given up. */
  silentMs: 90_000,
  pullAgainMs: 2_000,
  leaseMs: 120_000,
  unsubscribeMs: 2_000,
  /** Before the next subscription; more where the camera has no room for one. */
  againFirstMs: 1_000,
  againLastMs: 60_000,
  crowdedMs: 15_000,
  /** Messages the disk did not take are offered again after this; the camera keeps the next ones meanwhile. */
  offerAgainMs: 1_000,
  /** Clocks tell seconds: less is no difference. */
  skewMs: 2_000,
  wrongLoginMs: 15 * 60_000,
  /** Of one message. */
  items: 32,
  textChars: 256,
  topicChars: 200,
  referenceChars: 4_096,
  referencePrefixes: 8,
  services: 64,
  profiles: 64,
  relays: 64,
  exchanges: 20,
  exchangeChars: 600,
  /** RTSP by ffmpeg. */
  ffmpegAtOnce: 2,
  /** Videos that wait for their turn. */
  ffmpegWaiting: 16,
  rtspHeadBytes: 16 * 1024,
  rtspBodyBytes: 64 * 1024,
  /** WS-Discovery. */
  probes: 2,
  probeMs: 4_000,
  probeAnswers: 512,
  probeBytes: 16 * 1024,
} as const;

function assertRelation(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`onvif/limits.ts contradicts itself: ${sentence}`);
}

assertRelation(limits.pullMs + limits.pullGraceMs < limits.silentMs, 'one lost pull must not cost the subscription');
assertRelation(limits.pullMs + limits.pullGraceMs < limits.leaseMs / 2, 'a lease must outlive a pull');
