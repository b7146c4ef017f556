import { useEffect, useMemo, useState } from 'react';
import { every, localNow } from '../client/clock.ts';
import { freshnessOf, useSecond } from '../client/pulse.ts';
import { keepSetting, readSetting } from '../client/settings.ts';
import { StaleBanner } from '../parts/StaleBanner.tsx';
import { elapsedText, whenText } from '../parts/time.ts';
import { speak, useWords } from '../words/language.ts';
import { leave, setDuty, startDesk, tellPlace, useDesk } from './desk.ts';
import { bytesOf } from './doing.ts';
import { Homes } from './Homes.tsx';
import { photoBytesKept } from './kept.ts';
import { Push } from './Push.tsx';
import { Refused } from './Refused.tsx';
import { RollCalls } from './RollCalls.tsx';
import { afterWaiting, buttons } from './steps.ts';
import { TaskCard } from './TaskCard.tsx';

const placeMs = 60_000;
const mega = 1024 * 1024;

/** The grid worker's page: what is to be done, and one large button for the next step of each. */
export function Phone() {
  const { t } = useWords();
  const copy = useDesk((desk) => desk.copy);
  const trouble = useDesk((desk) => desk.trouble);
  useEffect(startDesk, []);
  useEffect(() => {
    if (copy?.onDuty !== true) return undefined;
    tellPlace();
    return every(placeMs, tellPlace);
  }, [copy?.onDuty]);
  useEffect(() => {
    document.title = `${t('app.name')} · ${t('phone.title')}`;
  }, [t]);
  return (
    <div className="phone">
      <Top />
      <Offline />
      <main>
        <RollCalls />
        <h1>{t('phone.title')}</h1>
        <Waiting />
        {trouble === null ? null : (
          <p className="trouble" role="alert">
            {t(`phone.problem.${trouble}`)}
          </p>
        )}
        <Refused />
        {copy === null ? <p role="status">{t('app.loading')}</p> : <Tasks />}
        {copy === null ? null : <Homes />}
      </main>
      <Bottom />
    </div>
  );
}

function Top() {
  const { t } = useWords();
  const copy = useDesk((desk) => desk.copy);
  const onDuty = copy?.onDuty ?? null;
  const dutyWord = onDuty === null ? 'dutyUnknown' : onDuty ? 'onDuty' : 'offDuty';
  return (
    <header className="phone-top">
      <p>
        <strong>{copy?.user.name ?? t('app.name')}</strong>
        <span data-duty={onDuty}>{t(`phone.${dutyWord}`)}</span>
      </p>
      {onDuty === null ? null : (
        <button type="button" className="phone-button" onClick={() => void setDuty(!onDuty)}>
          {t(onDuty ? 'phone.goOff' : 'phone.goOn')}
        </button>
      )}
    </header>
  );
}

/** How old what is shown is, also where it was kept from the day before; null where nothing is known. */
function useAge(): number | null {
  useSecond();
  const at = useDesk((desk) => desk.copy?.at);
  return at === undefined ? null : Math.max(0, localNow() - at);
}

/** An attempt has failed, or the data is old. */
function useIsOld(): boolean {
  const offline = useDesk((desk) => desk.offline);
  const ageMs = useAge();
  return offline || (ageMs !== null && freshnessOf(ageMs) === 'stale');
}

/** The banner as soon as that is so. */
function Offline() {
  const { t } = useWords();
  const copy = useDesk((desk) => desk.copy);
  const ageMs = useAge();
  if (!useIsOld()) return null;
  const now = localNow();
  const detail = copy === null ? t('phone.neverHeard') : t('phone.offlineDetail', { at: whenText(copy.at, now) });
  return <StaleBanner title={t('phone.offlineTitle')} detail={detail} age={ageMs === null ? '' : elapsedText(ageMs)} />;
}

function Waiting() {
  const { t } = useWords();
  const steps = useDesk((desk) => desk.steps);
  const waiting = steps.filter((step) => step.refused === null);
  const count = waiting.length;
  const bytes = bytesOf(waiting);
  const photos = { count, mb: Math.max(0.1, bytes / mega).toFixed(1), most: photoBytesKept / mega };
  return (
    <p className="waiting" role="status" data-waiting={count}>
      {count === 0 ? '' : bytes === 0 ? t('phone.waiting', { count }) : t('phone.waitingPhotos', photos)}
    </p>
  );
}

function Tasks() {
  const { t } = useWords();
  const { copy, steps } = useDesk();
  const isOld = useIsOld();
  const tasks = useMemo(
    () => (copy?.tasks ?? []).map((task) => afterWaiting(task, steps)).filter((task) => buttons[task.state] !== undefined),
    [copy, steps],
  );
  if (tasks.length > 0)
    return (
      <ul className="tasks">
        {tasks.map((task) => (
          <TaskCard key={task.id} task={task} />
        ))}
      </ul>
    );
  // That there was none says nothing of now.
  if (isOld)
    return (
      <div className="no-task">
        <p>{t('pulse.unknown')}</p>
        <p>{t('phone.noneThen', { at: whenText(copy?.at ?? 0, localNow()) })}</p>
      </div>
    );
  return (
    <div className="no-task">
      <p>{t('phone.none')}</p>
      <p>{t('phone.noneDetail')}</p>
    </div>
  );
}

function Bottom() {
  const { t, language } = useWords();
  const [large, setLarge] = useState(() => readSetting('largeText') === 'yes');
  const ageMs = useAge();
  const { steps } = useDesk();
  const isWaiting = steps.some((step) => step.refused === null);
  useEffect(() => {
    document.documentElement.dataset['text'] = large ? 'large' : 'usual';
    keepSetting('largeText', large ? 'yes' : 'no');
  }, [large]);
  return (
    <footer className="phone-bottom">
      {ageMs === null ? null : <p>{t('phone.age', { seconds: Math.floor(ageMs / 1000) })}</p>}
      <Push />
      <button type="button" className="phone-button" aria-pressed={large} onClick={() => setLarge(!large)}>
        {t('phone.large')}
      </button>
      <button type="button" className="phone-button" onClick={() => void speak(language === 'zh' ? 'en' : 'zh')}>
        {t('app.language')}
      </button>
      <a className="phone-button" href="/property/notices">
        {t('phone.notices')}
      </a>
      {isWaiting ? (
        <p>{t('phone.leaveWaiting')}</p>
      ) : (
        <button type="button" className="phone-button" onClick={() => void leave()}>
          {t('app.signOut')}
        </button>
      )}
    </footer>
  );
}
