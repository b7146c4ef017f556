interface Props {
  id: string;
  label: string;
  value: string;
  most: number;
  first?: boolean;
  hint?: string;
  /** More than a line. */
  rows?: number;
  onChange: (value: string) => void;
}

/** A labelled field of text, with what to write in it below. */
export function TextField({ id, label, value, most, first = false, hint, rows = 1, onChange }: Props) {
  const field = {
    id,
    className: 'input',
    value,
    maxLength: most,
    autoComplete: 'off',
    'data-first': first ? '' : undefined,
    'aria-describedby': hint === undefined ? undefined : `${id}-hint`,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {rows === 1 ? <input {...field} /> : <textarea {...field} rows={rows} />}
      {hint === undefined ? null : (
        <p id={`${id}-hint`} className="quiet hint">
          {hint}
        </p>
      )}
    </div>
  );
}
