import { type FormEvent, useState } from 'react';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { isApiError } from '../client/api.ts';
import type { Enrolled, Enrolling } from '../client/factor.ts';
import { useWords } from '../words/language.ts';
import { CodeField } from './CodeField.tsx';
import { CopyButton } from './CopyButton.tsx';
import { Refused } from './Refused.tsx';
import { written } from './written.ts';

interface Props {
  enrolling: Enrolling;
  /** The role must have one; otherwise it was asked for. */
  must: boolean;
  onEnrolled: (enrolled: Enrolled) => void;
  onOver: (late: boolean) => void;
}

/** Three steps on one page: scan, or type, and the first code. */
export function Enrol({ enrolling, must, onEnrolled, onOver }: Props) {
  const { t } = useWords();
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const { secret, qr } = enrolling.offer;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (sending) return;
    const form = event.currentTarget;
    setSending(true);
    enrolling.confirm(written(form, 'code')).then(onEnrolled, (error: unknown) => {
      if (!isApiError(error)) throw error;
      if (error.problem.code === 'no-session' || error.problem.code === 'nothing-pending') return onOver(true);
      form.reset();
      form.querySelector('input')?.focus();
      setSending(false);
      return setProblem(error.problem);
    });
  };
  return (
    <>
      <h1>{t('factor.enrolTitle')}</h1>
      <p className="lead">{t(must ? 'factor.enrolMust' : 'factor.enrolOwn')}</p>
      <ol className="steps">
        <li>
          <h2>{t('factor.scan')}</h2>
          <p className="note">{t('factor.scanHint')}</p>
          <img
            className="qr"
            src={`data:image/svg+xml,${encodeURIComponent(qr)}`}
            alt={t('factor.qr')}
            width="200"
            height="200"
          />
          <details>
            <summary className="turn">{t('factor.type')}</summary>
            <p className="secret">
              <code>{secret.match(/.{1,4}/g)?.join(' ')}</code>
              <CopyButton what={secret} />
            </p>
            <p className="note">{t('factor.typeHint')}</p>
          </details>
        </li>
        <li>
          <form onSubmit={submit}>
            <CodeField label={t('factor.enter')} sending={sending} />
            <Refused problem={problem} />
            <button type="submit" className="button strong" disabled={sending}>
              {t(sending ? 'factor.confirming' : 'factor.enrol')}
            </button>
          </form>
        </li>
      </ol>
    </>
  );
}
