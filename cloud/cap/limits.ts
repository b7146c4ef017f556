/** A limit on everything a CAP message may hold; the document itself is within the limit of every body. */
export const capLimits = {
  identityLength: 200,
  textLength: 2000,
  longTextLength: 20_000,
  infos: 16,
  areas: 100,
  geocodes: 500,
  references: 100,
  /** Elements of one document, and how deep one lies in another: CAP itself needs five. */
  elements: 20_000,
  depth: 12,
  /** Points of one polygon, and of all of one message: every side is checked against every other. */
  polygonPoints: 1000,
  messagePoints: 4000,
  /** Radius of a circle, km: half of the earth's girth is everywhere. */
  circleKm: 20_000,
  /** Alarms one message may become; past it the areas are taken one level higher. */
  targets: 20,
  /** A message that names no end ends after this. */
  lastsMs: 24 * 3_600_000,
  /** How far a sender's clock may be ahead of ours. */
  aheadMs: 10 * 60_000,
  /** Incidents one feed looks at, and messages it shows. */
  feed: 100,
} as const;

if (capLimits.polygonPoints > capLimits.messagePoints) throw new Error('one polygon is within what all of them may have');
