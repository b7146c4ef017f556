import type { IncidentDetail, PlanStep } from '@yihu/device-profiles/vocabulary/incident.ts';
import { useWords } from '../words/language.ts';
import { minuteText } from '../parts/time.ts';
import { setStep } from './act.ts';
import { useDesk } from './desk.ts';
import type { DialogName } from './shortcuts.ts';

interface Props {
  detail: IncidentDetail;
  stale: boolean;
  onDialog: (name: DialogName) => void;
}

/** 预案: the steps in their order; a press does one, another takes it back; one may be skipped, with its reason. */
export function Plan({ detail, stale, onDialog }: Props) {
  const { t } = useWords();
  const done = detail.steps.filter((step) => step.state === 'done' || step.state === 'skipped').length;
  return (
    <section className="block procedure" aria-labelledby="plan-title">
      <h3 id="plan-title">
        {t('pane.plan')}
        {detail.steps.length === 0 ? null : (
          <span className="count">{t('pane.planDone', { done, all: detail.steps.length })}</span>
        )}
      </h3>
      {detail.steps.length === 0 ? <p className="quiet">{t('pane.noPlan')}</p> : null}
      <ol>
        {detail.steps.map((step) => (
          <Step key={step.id} detail={detail} step={step} stale={stale} onDialog={onDialog} />
        ))}
      </ol>
    </section>
  );
}

function Step({ detail, step, stale, onDialog }: Props & { step: PlanStep }) {
  const { t, text } = useWords();
  const done = step.state === 'done';
  const over = done || step.state === 'skipped';
  const press = () => {
    if (!stale) void setStep(detail, step, over ? 'pending' : 'done');
  };
  const skip = () => {
    useDesk.setState({ skipping: step.id });
    onDialog('skip');
  };
  const name = t(over ? 'pane.stepUndo' : 'pane.stepDo', { step: text(step.text) });
  return (
    <li className={`step ${step.state}`}>
      <button type="button" className="tick" aria-label={name} aria-pressed={over} aria-disabled={stale} onClick={press}>
        <svg
          viewBox="0 0 16 16"
          width="16"
          height="16"
          fill="none"
          stroke="currentColor"
          strokeWidth="2.2"
          strokeLinecap="round"
          strokeLinejoin="round"
          aria-hidden="true"
        >
          {done ? <path d="m3 8.5 3.5 3.5L13 4.5" /> : step.state === 'skipped' ? <path d="M3.5 8h9" /> : null}
        </svg>
      </button>
      <span className="step-text">
        {text(step.text)}
        {step.reason === null || step.state !== 'skipped' ? null : (
          <span className="skip-reason">{t('pane.stepSkipped', { reason: step.reason })}</span>
        )}
      </span>
      <span className="step-note quiet">
        {over && step.doneAt !== null ? t('pane.stepBy', { name: step.by ?? '', at: minuteText(step.doneAt) }) : null}
        {!over && step.dueAt !== null ? t('pane.stepDue', { at: minuteText(step.dueAt) }) : null}
      </span>
      {over ? null : (
        <button
          type="button"
          className="button plain small skip"
          aria-label={t('pane.stepSkip', { step: text(step.text) })}
          aria-disabled={stale}
          onClick={stale ? undefined : skip}
        >
          {t('move.skip')}
        </button>
      )}
    </li>
  );
}
