import { useEffect, useState } from 'react';
import type { CallAudience, CallPreview } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../../client/api.ts';
import { after } from '../../client/clock.ts';

const settleMs = 150;

interface Counted {
  preview: CallPreview | null;
  problem: Problem | null;
}

const nothing: Counted = { preview: null, problem: null };

/** Whom an audience would reach, counted by the cloud each time it changes; nothing while it counts, or where no area is named. */
export function usePreview(asked: CallAudience): Counted {
  const audience = JSON.stringify(asked);
  const empty = asked.areas.length === 0 && asked.outline === null;
  const [counted, setCounted] = useState<(Counted & { of: string }) | null>(null);
  useEffect(() => {
    if (empty) return undefined;
    let left = false;
    const stop = after(settleMs, () => {
      call<CallPreview>('POST', '/api/call-previews', { audience: JSON.parse(audience) as unknown }).then(
        (preview) => (left ? undefined : setCounted({ of: audience, preview, problem: null })),
        (error: unknown) => {
          if (!isApiError(error)) throw error;
          if (!left) setCounted({ of: audience, preview: null, problem: error.problem });
        },
      );
    });
    return () => {
      left = true;
      stop();
    };
  }, [audience, empty]);
  return counted?.of === audience && !empty ? counted : nothing;
}
