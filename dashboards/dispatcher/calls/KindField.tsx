import { callKinds, type CallKind } from '@yihu/device-profiles/vocabulary/call.ts';
import { Segments } from '../../parts/Segments.tsx';
import { useWords } from '../../words/language.ts';

/** 实战, 演练 or 测试: a drill is marked in every message and on every screen. */
export function KindField({ value, onChange }: { value: CallKind; onChange: (kind: CallKind) => void }) {
  const { t } = useWords();
  return (
    <Segments
      label={t('calls.kindLabel')}
      name="call-kind"
      options={(Object.keys(callKinds) as CallKind[]).map((kind) => ({ value: kind, label: t(`calls.kind.${kind}`) }))}
      value={value}
      onChange={onChange}
    />
  );
}
