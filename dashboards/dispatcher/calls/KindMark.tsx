import type { CallKind } from '@yihu/device-profiles/vocabulary/call.ts';
import { useWords } from '../../words/language.ts';

/** 演练 is marked wherever a call is named, so that nobody takes it for the real thing, nor the real thing for it. */
export function KindMark({ kind, long = false }: { kind: CallKind; long?: boolean }) {
  const { t } = useWords();
  if (kind === 'actual') return null;
  return (
    <span className={`kind-mark hatched ${long ? 'long' : ''}`}>{t(long ? `calls.mark.${kind}` : `calls.kind.${kind}`)}</span>
  );
}
