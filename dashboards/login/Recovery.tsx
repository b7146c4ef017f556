import { useEffect, useRef } from 'react';
import { useWords } from '../words/language.ts';
import { CopyButton } from './CopyButton.tsx';

/** Shown once; the way on says that they were saved. */
export function Recovery({ codes, onSaved }: { codes: readonly string[]; onSaved: () => void }) {
  const { t } = useWords();
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  return (
    <>
      <h1 ref={title} tabIndex={-1}>
        {t('factor.saveTitle')}
      </h1>
      <p className="lead">{t('factor.saveLead')}</p>
      <ul className="recovery">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="saved">
        <CopyButton what={codes.join('\n')} />
        <button type="button" className="button strong" onClick={onSaved}>
          {t('factor.saved')}
        </button>
      </div>
    </>
  );
}
