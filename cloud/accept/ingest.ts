import type { Cursor, EnvelopeHeader, Hello } from '@yihu/device-profiles/vocabulary/envelope.ts';
import type { Entry } from '@yihu/device-profiles/vocabulary/record.ts';
import type { BlobAnswer, BlobHeader } from '@yihu/device-profiles/vocabulary/uplink.ts';

/** What `accept` needs of the database. `records` implements it; the simulation implements it in memory with the same suite. */
export interface Ingest {
  /** Where this gateway's log stands in our records. A new epoch starts at 0/0 and keeps the old epoch's records. */
  cursor(gateway: string, epoch: string): Promise<Cursor>;
  /** A gateway said hello (or anything): last seen, backlog, clock skew. Compare-and-set on the last-seen time. */
  hello(gateway: string, hello: Hello, receivedAt: number): Promise<void>;
  seen(gateway: string, receivedAt: number): Promise<void>;
  /**
   * Commits entries and moves the cursor in one transaction. `decide` runs inside it on the locked cursor, so that a
   * batch sent twice, or by two workers at once, counts once. Returns the cursor after the commit.
   */
  commit(gateway: string, batches: readonly ReceivedBatch[], receivedAt: number): Promise<Cursor>;
}

export interface ReceivedBatch {
  readonly header: EnvelopeHeader;
  readonly entries: readonly Entry[];
}

/** Where pictures are kept. Stateless like `Ingest`: any worker may take the next part. */
export interface PictureIngest {
  /**
   * Commits one part of a picture, and with the last one the picture itself, and says how far we have it. The same part
   * twice, or one that does not follow, changes nothing. What is answered `kept` is committed.
   */
  part(gateway: string, header: BlobHeader, part: Buffer, receivedAt: number): Promise<Omit<BlobAnswer, 'id'>>;
}
