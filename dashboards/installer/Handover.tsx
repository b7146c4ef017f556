import type { LocalClaim } from '@yihu/device-profiles/vocabulary/local-claim.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { type FormEvent, useState } from 'react';
import { call } from '../client/api.ts';
import { Skeleton } from '../parts/Skeleton.tsx';
import { useWords } from '../words/language.ts';
import { problemIn, readField } from './changing.ts';
import { useLive } from './desk.ts';
import { Failure } from './Failure.tsx';

/** The end of an installation: the cloud it belongs to, and the papers that are left behind. */
export function Handover() {
  const { t } = useWords();
  const { data, problem, read } = useLive<LocalClaim>('/api/claim');
  return (
    <div className="list-page">
      <h1>{t('work.handover.title')}</h1>
      {data === null && problem !== null ? (
        <Failure problem={problem} onRetry={read} />
      ) : data === null ? (
        <Skeleton rows={2} height={120} label={t('app.loading')} />
      ) : (
        <Claim claim={data} onChange={read} />
      )}
      <section className="sheet handover-export" aria-labelledby="export-title">
        <h2 id="export-title">{t('work.handover.export')}</h2>
        <p className="quiet">{t('work.handover.exportLead')}</p>
        <a className="button strong" id="export" href="/api/export" download>
          {t('work.handover.download')}
        </a>
      </section>
    </div>
  );
}

function Claim({ claim, onChange }: { claim: LocalClaim; onChange: () => void }) {
  const { t, text, language } = useWords();
  const { isOff, isBusy, problem, identity, wire, reason } = claim;
  const day = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium' });
  return (
    <section className="sheet claim" aria-labelledby="claim-title" data-claimed={identity !== null} aria-live="polite">
      <h2 id="claim-title">{t('work.handover.cloud')}</h2>
      {identity === null ? (
        <p>{t(isOff ? 'work.handover.off' : 'work.handover.unclaimed')}</p>
      ) : (
        <dl className="device-facts">
          {(
            [
              ['gateway', identity.gateway],
              ['where', identity.cloud],
              ['digits', identity.digits],
              ['until', day.format(identity.notAfter)],
              ['wire', t(`work.handover.wireIs.${wire === 'connected' ? 'connected' : 'away'}`)],
            ] as const
          ).map(([word, value]) => (
            <div key={word}>
              <dt>{t(`work.handover.fact.${word}`)}</dt>
              <dd data-fact={word}>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {reason === null ? null : <p className="quiet">{text(reason)}</p>}
      {problem === null ? null : (
        <p className="refused" role="alert">
          {text(problem)}
        </p>
      )}
      {isOff ? null : identity === null ? (
        <ClaimForm isBusy={isBusy} onChange={onChange} />
      ) : (
        <details className="again">
          <summary className="turn">{t('work.handover.again')}</summary>
          <ClaimForm isBusy={isBusy} onChange={onChange} />
        </details>
      )}
    </section>
  );
}

function ClaimForm({ isBusy, onChange }: { isBusy: boolean; onChange: () => void }) {
  const { t, text } = useWords();
  const [refused, setRefused] = useState<Problem | null>(null);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setRefused(null);
    void call('POST', '/api/claim', { url: readField(form, 'url'), code: readField(form, 'code') })
      .catch((error: unknown) => setRefused(problemIn(error)))
      .finally(onChange);
  };
  return (
    <form className="claim-form" onSubmit={submit}>
      <label className="field">
        <span>{t('work.handover.url')}</span>
        <input
          className="input"
          name="url"
          id="claim-url"
          type="url"
          required
          placeholder="https://yihu.example.cn"
          spellCheck={false}
        />
      </label>
      <label className="field">
        <span>{t('work.handover.code')}</span>
        <input className="input" name="code" id="claim-code" required autoComplete="off" spellCheck={false} maxLength={64} />
      </label>
      <button type="submit" className="button strong" disabled={isBusy}>
        {t(isBusy ? 'work.handover.claiming' : 'work.handover.claim')}
      </button>
      {refused === null ? null : (
        <p className="refused" role="alert">
          {text(refused.message)}
        </p>
      )}
    </form>
  );
}
