interface Props<Value extends string | number> {
  /** What is chosen here, for those who hear the page. */
  label: string;
  /** Of the radio buttons: one on the page. */
  name: string;
  options: readonly { value: Value; label: string; count?: number }[];
  value: Value;
  onChange: (value: Value) => void;
}

/** One of a few that exclude each other, all of them in sight; `count`: how many there are behind one. */
export function Segments<Value extends string | number>({ label, name, options, value, onChange }: Props<Value>) {
  return (
    <fieldset className="segments" aria-label={label}>
      {options.map((option) => (
        <label key={option.value} className="segment">
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span>
            {option.label}
            {option.count === undefined ? null : <span className="count">{option.count}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
