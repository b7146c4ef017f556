import { useState } from 'react';
import { useWords } from '../words/language.ts';

/** Not there where the browser lets no page write to the clipboard: over plain HTTP from another machine. */
export function CopyButton({ what }: { what: string }) {
  const { t } = useWords();
  const [done, setDone] = useState(false);
  if (!window.isSecureContext) return null;
  const copy = () => void navigator.clipboard.writeText(what).then(() => setDone(true));
  return (
    <button type="button" className="button small" onClick={copy}>
      <span aria-live="polite">{t(done ? 'factor.copied' : 'factor.copy')}</span>
    </button>
  );
}
