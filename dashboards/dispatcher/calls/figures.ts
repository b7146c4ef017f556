import type { CallDelivery } from '@yihu/device-profiles/vocabulary/call.ts';

/** 未送达: people no message has reached by any way that was tried, and those who have no telephone. */
export function lostOf({ failed, nobody }: CallDelivery): number {
  return failed + nobody;
}
