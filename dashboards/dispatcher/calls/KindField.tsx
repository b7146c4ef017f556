import { callKinds, type CallKind } from '@yihu/device-profiles/vocabulary/call.ts';
import { useWords } from '../../words/language.ts';

/** 实战, 演练 or 测试: a drill is marked in every message and on every screen. */
export function KindField({ value, onChange }: { value: CallKind; onChange: (kind: CallKind) => void }) {
  const { t } = useWords();
  return (
    <fieldset className="segments call-kind" aria-label={t('calls.kindLabel')}>
      {(Object.keys(callKinds) as CallKind[]).map((kind) => (
        <label key={kind} className="segment">
          <input type="radio" name="call-kind" value={kind} checked={value === kind} onChange={() => onChange(kind)} />
          <span>{t(`calls.kind.${kind}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}
