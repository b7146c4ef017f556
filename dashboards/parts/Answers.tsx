import { useWords } from '../client/language.ts';

interface Props {
  submit: string;
  onCancel: () => void;
}

/** The two answers at the foot of a dialog. Enter gives the first, Escape the second. */
export function Answers({ submit, onCancel }: Props) {
  const { t } = useWords();
  return (
    <div className="answers">
      <button type="button" className="button" onClick={onCancel}>
        {t('app.cancel')}
      </button>
      <button type="submit" className="button strong">
        {submit}
      </button>
    </div>
  );
}
