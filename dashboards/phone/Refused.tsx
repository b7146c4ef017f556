import { localNow } from '../client/clock.ts';
import { whenText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { forget, useDesk } from './desk.ts';

/** What the cloud did not take, in its own words, until it has been read. */
export function Refused() {
  const { t, text } = useWords();
  const steps = useDesk((desk) => desk.steps);
  return steps.map((step) =>
    step.refused === null ? null : (
      <section className="refused-step" role="alert" key={step.n}>
        <h2>{t('phone.refusedTitle', { step: t(`phone.said.${step.step}`) })}</h2>
        <p>{text(step.title)}</p>
        <p>{text(step.refused.message)}</p>
        <p>{t('phone.refusedAt', { at: whenText(step.phoneAt, localNow()) })}</p>
        <button type="button" className="phone-button" onClick={() => void forget(step)}>
          {t('phone.read')}
        </button>
      </section>
    ),
  );
}
