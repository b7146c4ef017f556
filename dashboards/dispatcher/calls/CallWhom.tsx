import type { CallDetail } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { useWords } from '../../words/language.ts';
import { CallCount } from './CallCount.tsx';
import { usePreview } from './use-preview.ts';

/** A call that has not gone out: the whole text and whom it would reach now, for whoever has to say yes. */
export function CallWhom({ detail }: { detail: CallDetail }) {
  const { t } = useWords();
  const { preview, problem } = usePreview(detail.audience);
  return (
    <section className="call-whom" aria-label={t('calls.whom')}>
      <blockquote className="call-text whole">{detail.text}</blockquote>
      <CallCount preview={preview && { ...preview, needsSecond: false }} problem={problem} waiting />
    </section>
  );
}
