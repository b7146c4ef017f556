import { z } from 'zod';
import type { Text } from './text.ts';

/** 认领: this gateway and its cloud, as the gateway's own page shows it. */
export const LocalClaimRequest = z.strictObject({
  /** As people type it into a browser. */
  url: z.string().trim().min(1).max(300),
  code: z.string().trim().min(1).max(64),
});
export type LocalClaimRequest = z.infer<typeof LocalClaimRequest>;

export interface LocalClaim {
  /** The site file says `uplink: off`: this gateway works alone. */
  readonly isOff: boolean;
  /** A claim is under way. */
  readonly isBusy: boolean;
  /** Why the last one came to nothing. */
  readonly problem: Text | null;
  readonly identity: {
    readonly gateway: string;
    /** Six digits that must match those the cloud shows. */
    readonly digits: string;
    /** Where it sends, `host:port`. */
    readonly cloud: string;
    readonly notAfter: number;
  } | null;
  /** The wire to the cloud; null before the claim. */
  readonly wire: string | null;
  readonly reason: Text | null;
}
