import { maxPhotoBytes } from '@yihu/device-profiles/vocabulary/photo.ts';

/** A limit on everything the cloud's border lets in. Relations between them are asserted when this file loads. */
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

export const limits = {
  /** HTTP bodies, in bytes and in nesting. */
  bodyBytes: 256 * 1024,
  bodyDepth: 32,
  urlBytes: 4096,
  requestTimeoutMs: 30 * second,

  /** Lists. */
  pageSize: 200,
  pageSizeMax: 500,
  historyBuckets: 300,
  historyBucketsMax: 2000,

  /** Sessions. */
  idleMs: 30 * minute,
  idleMsByRole: { dispatcher: 12 * hour } as Readonly<Record<string, number>>,
  absoluteMs: 12 * hour,
  /** A wall signs in once and stands for a season: nobody is there to type a password, and it may only look (decision 123). */
  wallSessionMs: 90 * day,
  /** How stale "last used" in the database may be: one write a minute per session, not one per request. */
  touchEveryMs: minute,
  sessionsPerUser: 10,

  /** Second factors: how long the second step and an enrolment wait, and how wrong codes lock. */
  halfSessionMs: 10 * minute,
  factorPendingMs: 15 * minute,
  recoveryCodes: 10,
  factorLock: { after: 5, firstMs: minute, longestMs: 24 * hour },
  codesPerAccount: 5,
  codesPerAddress: 20,

  /** The longest an API key lives: it is renewed once a year. */
  apiKeyDays: 400,

  /** Passwords. */
  passwordLength: 12,
  passwordLengthMax: 128,
  hashesAtOnce: 2,
  hashesWaiting: 32,

  /** Attempts per minute. */
  loginsPerAccount: 5,
  loginsPerAddress: 20,
  claimsPerAddress: 5,
  requestsPerUser: 300,
  requestsPerAddress: 600,
  /** Looks and answers by one resident's link. */
  answersPerLink: 30,
  /** Refusals of callers nobody knows that are written down, per address. */
  strangersAudited: 30,
  /** Addresses and accounts a limiter remembers; past it the oldest window is forgotten. */
  limiterKeys: 20_000,

  /** Claim codes: single use, a quarter of an hour, ten wrong tries in all. */
  claimCodeMs: 15 * minute,
  claimTries: 10,
  /** A gateway is given another certificate no sooner than this after the last. */
  renewEveryMs: minute,

  /** How soon another process hears who is let in; a revoked gateway is out within 5 s. */
  admissionPollMs: 2 * second,

  /** A pushed site waits this long for its gateway. */
  pushValidMs: 30 * 24 * hour,
  /** How soon a push that another process took goes out. */
  pushPollMs: second,
  /** A push that has no answer is sent again to a gateway that stays connected. */
  pushAgainMs: minute,
  pushesPerMinute: 20,
  /** Replays of a rule over a week's readings, per person and minute; and the readings that one looks at. */
  replaysPerMinute: 60,
  replayReadings: 200_000,

  /** Event stream. */
  beatMs: 4 * second,
  /** PostgreSQL's NOTIFY wakes the stream; this poll is for the notification that never came. */
  streamPollMs: 2 * second,
  streamBatch: 500,
  /** How soon after a change, and how often at most, a reader's devices are counted anew. */
  streamCountsMs: second,
  /** Bytes waiting in one slow client's socket before it is told to start again from a snapshot. */
  streamBacklogBytes: 1024 * 1024,
  /** How long a socket may take nothing while what was missed is being replayed to it. */
  streamPatienceMs: 30 * second,
  streamClients: 1000,
  streamsPerSession: 8,
  /** A revoked session's stream ends within this time. */
  revokedWithinMs: 5 * second,

  /** How long the sweep of due steps may be silent before the cloud calls itself unwell. */
  sweepLateMs: 15 * second,

  /** How often one person looks behind the masks within an hour. */
  revealsPerHour: 30,
  /** Whole copies of what is known of somebody that one person hands out within an hour. */
  copiesPerHour: 5,
  /** Rows of a list that is handed out. */
  listedPeople: 50_000,
  /** What one search shows of people, of houses and of organisations. */
  foundAtOnce: 20,

  /** The picture of a post's holder on the public notice. */
  photoBytes: 120 * 1024,

  /** A photo from a phone that shrunk it, and one that a page without a script sent as the camera made it. */
  taskPhotoBytes: maxPhotoBytes,
  wholePhotoBytes: 12 * 1024 * 1024,
  /** What a photo unfolds into on a dispatcher's screen. */
  photoPixels: 64_000_000,
  photosPerMinute: 30,
  /** Photos of residents held in memory at the same time. */
  uploadsAtOnce: 6,
  /** How long a notice stands at most. */
  noticeMs: 366 * 24 * hour,

  /** Audit rows handed out at once; verification reads in pages of this size. */
  auditPage: 1000,
} as const;

function assertRelation(holds: boolean, says: string): void {
  if (!holds) throw new Error(`limits.ts: ${says}`);
}

assertRelation(limits.beatMs < 5 * second, 'screens call a stream stale after 5 s, so beats must be closer than that');
assertRelation(limits.beatMs <= limits.revokedWithinMs, 'sessions of open streams are checked with the beat');
assertRelation(limits.touchEveryMs * 2 < limits.idleMs, 'a session in use must be touched before it can look idle');
assertRelation(limits.idleMs <= limits.absoluteMs, 'an idle limit past the absolute one never acts');
assertRelation(limits.absoluteMs < limits.wallSessionMs, 'a wall outlasts the shifts in front of it');
assertRelation(limits.pageSize <= limits.pageSizeMax, 'the usual page is within the largest one');
assertRelation(limits.loginsPerAccount < limits.loginsPerAddress, 'one account runs out before the address it is tried from');
assertRelation(limits.photoBytes * 1.4 < limits.bodyBytes, 'a picture comes inside a JSON body');
