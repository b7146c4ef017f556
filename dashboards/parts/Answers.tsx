interface Props {
  cancel: string;
  submit: string;
  onCancel: () => void;
  /** The focus begins at the first answer: for a form without a field. */
  first?: boolean;
  /** What the first answer is about, in a word. */
  before?: string;
}

/** The two answers at the foot of a dialog. Enter gives the first, Escape the second. */
export function Answers({ submit, cancel, onCancel, first = false, before }: Props) {
  return (
    <div className="answers">
      {before === undefined ? null : <span className="answers-count">{before}</span>}
      <button type="button" className="button" onClick={onCancel}>
        {cancel}
      </button>
      <button type="submit" className="button strong" data-first={first ? '' : undefined}>
        {submit}
      </button>
    </div>
  );
}
