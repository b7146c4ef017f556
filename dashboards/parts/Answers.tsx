interface Props {
  cancel: string;
  submit: string;
  onCancel: () => void;
}

/** The two answers at the foot of a dialog. Enter gives the first, Escape the second. */
export function Answers({ submit, cancel, onCancel }: Props) {
  return (
    <div className="answers">
      <button type="button" className="button" onClick={onCancel}>
        {cancel}
      </button>
      <button type="submit" className="button strong">
        {submit}
      </button>
    </div>
  );
}
