interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  missing?: boolean;
  missingText: string;
  first?: boolean;
}

/** One line of text. Enter sends the form, but not the Enter that ends a composition. */
export function ReasonField({ label, value, onChange, missing = false, missingText, first = false }: Props) {
  return (
    <div className="field">
      <label htmlFor="reason">{label}</label>
      <input
        id="reason"
        className="input"
        value={value}
        maxLength={200}
        autoComplete="off"
        data-first={first ? '' : undefined}
        aria-invalid={missing}
        aria-describedby={missing ? 'reason-missing' : undefined}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && event.nativeEvent.isComposing) event.preventDefault();
        }}
      />
      {missing ? (
        <p id="reason-missing" className="wrong" role="alert">
          {missingText}
        </p>
      ) : null}
    </div>
  );
}
