import { type ChangeEvent, useId } from 'react';

const sixDigits = /^\d{6}$/;

/** Six digits out of an app. The last one sends them: they are good for half a minute, and a key less is a second more. */
export function CodeField({ label, sending }: { label: string; sending: boolean }) {
  const id = useId();
  const change = ({ currentTarget }: ChangeEvent<HTMLInputElement>) => {
    if (!sending && sixDigits.test(currentTarget.value.replaceAll(/\s/g, ''))) currentTarget.form?.requestSubmit();
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        name="code"
        className="input code"
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="[0-9 ]{6,8}"
        maxLength={8}
        placeholder="000 000"
        required
        autoFocus
        onChange={change}
      />
    </div>
  );
}
