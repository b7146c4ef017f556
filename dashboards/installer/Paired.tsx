import type { LocalPaired } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import { useRef, useState } from 'react';
import { useWords } from '../words/language.ts';

/** Login and secret of a device that was taken in: they go into the device, and with this page they are gone. */
export function Paired({ paired: { login, secret, posts } }: { paired: LocalPaired }) {
  const { t } = useWords();
  return (
    <section className="sheet paired" aria-labelledby="paired-title">
      <h2 id="paired-title">{t('work.pair.title')}</h2>
      <p>{t('work.pair.once')}</p>
      <Copied label={t('work.pair.login')} text={login} />
      <Copied label={t('work.pair.secret')} text={secret} />
      {posts.map(({ scheme, port, path }) => (
        <Copied key={path} label={t('work.pair.post')} text={`${scheme}://${window.location.hostname}:${port}${path}`} />
      ))}
    </section>
  );
}

/** The browser lets no page write to the clipboard over plain HTTP: there the text stands selected, to be copied by hand. */
function Copied({ label, text }: { label: string; text: string }) {
  const { t } = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  const [said, setSaid] = useState<'copied' | 'byHand' | null>(null);
  const copy = () => {
    field.current?.select();
    if (!window.isSecureContext) return setSaid('byHand');
    navigator.clipboard.writeText(text).then(
      () => setSaid('copied'),
      () => setSaid('byHand'),
    );
  };
  return (
    <div className="paired-word">
      <label className="field">
        <span>{label}</span>
        <textarea
          ref={field}
          className="input"
          readOnly
          rows={text.length > 24 ? 2 : 1}
          spellCheck={false}
          value={text}
          onFocus={(event) => event.target.select()}
        />
      </label>
      <button type="button" className="button" aria-label={`${t('work.pair.copy')} ${label}`} onClick={copy}>
        {t('work.pair.copy')}
      </button>
      <p role="status" className="quiet">
        {said === null ? '' : t(`work.pair.${said}`)}
      </p>
    </div>
  );
}
