import { type FormEvent, useEffect, useRef, useState } from 'react';
import { after } from '../../client/clock.ts';
import { Answers } from '../../parts/Answers.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { useWords } from '../../words/language.ts';
import { CallCount } from './CallCount.tsx';
import { CallWordsField } from './CallWordsField.tsx';
import type { About } from './draft.ts';
import { KindField } from './KindField.tsx';
import { OnlyField } from './OnlyField.tsx';
import { ScopeField } from './ScopeField.tsx';
import { useDraft } from './use-draft.ts';

/** More people than this are called only after a second Enter. */
const manyPeople = 50;

/** A key that is held down is not a second Enter. */
const secondThoughtMs = 400;

/** M: whom, what, how many, go. Everything likely is chosen already, so that Enter is enough in a fire. */
export function CallDialog({ about, onClose }: { about: About; onClose: () => void }) {
  const { t, text } = useWords();
  const held = useDraft(about, onClose);
  const { draft, template, preview, problem, missing, sending } = held;
  const [asked, setAsked] = useState<'not' | 'just' | 'settled'>('not');
  const sure = asked !== 'not';
  useEffect(() => (asked === 'just' ? after(secondThoughtMs, () => setAsked('settled')) : undefined), [asked]);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (held.ready && form.current !== null) firstField(form.current)?.focus();
  }, [held.ready]);
  const number = (about.supersede ?? about.edit)?.number ?? '';
  const title = t(
    about.edit !== undefined ? 'calls.editTitle' : about.supersede === undefined ? 'calls.composeTitle' : 'calls.supersedeTitle',
    { number },
  );
  const people = preview?.people ?? 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (sending || !held.check()) return;
    if (people > manyPeople && !sure) return setAsked('just');
    if (asked !== 'just') void held.send();
  };
  const label = sending
    ? t('calls.sending')
    : preview?.needsSecond === true
      ? t('calls.submitFor')
      : people === 0
        ? t('calls.send')
        : t('calls.sendTo', { people });
  return (
    <Dialog
      title={title}
      lead={t(about.supersede === undefined ? 'calls.composeLead' : 'calls.supersedeLead')}
      className="call-dialog"
      onClose={onClose}
    >
      <form ref={form} className={`bare call-form ${draft.kind}`} onSubmit={submit} onChange={() => setAsked('not')}>
        {held.ready ? null : (
          <p className="quiet" tabIndex={-1} data-first="">
            {t('app.loading')}
          </p>
        )}
        <div className="call-form-columns" hidden={!held.ready}>
          <div className="call-form-side">
            <ScopeField held={held} />
            <OnlyField draft={draft} change={held.change} />
            <KindField value={draft.kind} onChange={(kind) => held.change({ kind })} />
            <CallCount preview={preview} problem={held.previewProblem} waiting={draft.areas.length > 0} />
          </div>
          <div className="call-form-side">
            <CallWordsField held={held} />
          </div>
        </div>
        {missing === null ? null : (
          <p className="wrong" role="alert">
            {missing}
          </p>
        )}
        {problem === null ? null : (
          <p className="wrong" role="alert">
            {text(problem.message)} <code>{t('state.code', { code: problem.code })}</code>
          </p>
        )}
        {sure ? (
          <p className="sure" role="alert" data-settled={asked === 'settled'}>
            <strong>{t('calls.recipients', { people, households: preview?.households ?? 0 })}</strong>{' '}
            {draft.areas.map(({ name }) => name).join('、')} · {template?.name ?? draft.title} · {t(`calls.kind.${draft.kind}`)}
          </p>
        ) : null}
        <Answers
          before={preview === null ? '' : t('calls.recipients', preview)}
          cancel={t('app.cancel')}
          submit={sure ? label : people > manyPeople ? `${t('calls.send')}…` : label}
          onCancel={onClose}
        />
      </form>
    </Dialog>
  );
}

/** Where the hand is needed first: a blank that waits, or else whom to call. */
function firstField(form: HTMLFormElement): HTMLElement | null {
  const blanks = [...form.querySelectorAll<HTMLInputElement>('.blank input')];
  return (
    blanks.find(({ value }) => value === '') ?? form.querySelector<HTMLElement>('input[name="scope"]:checked, #call-template')
  );
}
