import { useWords } from '../words/language.ts';

/** 还没接线: it need not answer for the change to be kept. */
export function MayBeSilent() {
  const { t } = useWords();
  return (
    <label className="check">
      <input type="checkbox" className="box" name="silent" value="yes" />
      <span>{t('work.settings.silent')}</span>
    </label>
  );
}
