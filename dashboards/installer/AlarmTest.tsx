import type { LocalAlarmTest, LocalDevice } from '@yihu/device-profiles/vocabulary/local.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { useCallback, useMemo, useState } from 'react';
import { call, isApiError } from '../client/api.ts';
import { useShortcuts } from '../client/keys.ts';
import { useWords } from '../words/language.ts';

/** A marked alarm of this device, followed to the disk and to the cloud: each delay, and where it stopped. */
export function AlarmTest({ device, onChange }: { device: LocalDevice; onChange: () => void }) {
  const { t, text } = useWords();
  const [problem, setProblem] = useState<Problem | null>(null);
  const { id, alarmTest } = device;
  const isRunning = alarmTest?.isOver === false;
  const steps = alarmTest?.steps.map(({ step }) => step) ?? [];
  const waitsForDuty = isRunning && steps.includes('acknowledged') && !steps.includes('answered');
  const start = useCallback(() => {
    if (!isRunning) void startTest(id).then(setProblem).then(onChange);
  }, [id, isRunning, onChange]);
  useShortcuts(
    useMemo(() => ({ t: start }), [start]),
    true,
  );
  return (
    <section className="sheet alarm-test" aria-labelledby="alarm-test-title">
      <h2 id="alarm-test-title">{t('local.alarmTest.title')}</h2>
      <p className="quiet">{t('local.alarmTest.lead')}</p>
      <button type="button" className="button" aria-disabled={isRunning} onClick={start}>
        {t(isRunning ? 'local.alarmTest.running' : 'local.alarmTest.start')}
      </button>
      {waitsForDuty ? (
        <p className="test-waits">
          {t('local.alarmTest.waiting')}
          <button type="button" className="button small" onClick={() => void call('DELETE', '/api/alarm-test').finally(onChange)}>
            {t('local.alarmTest.finish')}
          </button>
        </p>
      ) : null}
      {problem === null ? null : <p role="alert">{text(problem.message)}</p>}
      {alarmTest === null ? null : <Steps test={alarmTest} />}
    </section>
  );
}

/** What was refused; null where it began. */
async function startTest(id: string): Promise<Problem | null> {
  try {
    await call('POST', `/api/devices/${encodeURIComponent(id)}/alarm-test`);
    return null;
  } catch (error) {
    if (!isApiError(error)) throw error;
    return error.problem;
  }
}

function Steps({ test }: { test: LocalAlarmTest }) {
  const { t, text } = useWords();
  return (
    <ol className="test-steps" aria-live="polite" data-over={test.isOver}>
      {test.steps.map(({ step, ms, text: said, by }) => (
        <li key={step} data-step={step}>
          <span>{said === null ? t(`local.alarmTest.step.${step}`, { by: by ?? '' }) : text(said)}</span>
          {ms === null ? null : <span className="test-ms">{t('local.device.took', { ms })}</span>}
        </li>
      ))}
    </ol>
  );
}
