import { severities } from '@yihu/device-profiles/vocabulary/severity.ts';
import { cloudNow } from '../client/clock.ts';
import { speak, useWords } from '../words/language.ts';
import { useDataAge, useIsStale, useSecond, useTimersNow } from '../client/pulse.ts';
import { goSignIn, signOut } from '../client/session.ts';
import { LevelShape } from '../parts/Level.tsx';
import { inService } from '../parts/standing.ts';
import { clockText, elapsedText } from '../parts/time.ts';
import { noValue } from '../parts/value.ts';
import { type Board, countByLevel, queueOf, unackedOf } from './board.ts';
import { useDesk } from './desk.ts';
import { setDuty } from './act.ts';
import { SoundStatus } from './SoundStatus.tsx';

/** One line: what is open, what waits, whether this screen can be trusted, who sits here, what time it is. */
export function Header({ onSoundTest }: { onSoundTest: () => void }) {
  const { t } = useWords();
  const board = useDesk((desk) => desk.board);
  const stale = useIsStale();
  if (board === null) return null;
  const queue = queueOf(board);
  const counts = countByLevel(queue);
  return (
    <header className="desk-header">
      <h1 className="unseen">
        {t('app.name')} {t('header.title')}
      </h1>
      <ul className="level-counts" aria-label={t('header.levels')}>
        {severities.map((severity, index) => (
          <li key={severity} className={`level-count ${counts[severity] > 0 ? `level-${index + 1}` : 'none'}`}>
            <LevelShape severity={severity} size={16} />
            <span>{t(`level.${severity}`)}</span>
            <strong>{stale && counts[severity] === 0 ? noValue : counts[severity]}</strong>
          </li>
        ))}
      </ul>
      <Unacked {...unackedOf(queue)} />
      <div className="desk-status">
        <SoundStatus onTest={onSoundTest} />
        <DataAge />
        <Gateways board={board} />
        <Duty />
        <Clock />
      </div>
    </header>
  );
}

function Unacked({ count, oldestAt }: { count: number; oldestAt: number | null }) {
  const { t } = useWords();
  const now = useTimersNow();
  const stale = useIsStale();
  if (oldestAt === null) return <p className="unacked quiet">{t(stale ? 'pulse.unknown' : 'header.none')}</p>;
  return (
    <p className="unacked">
      <span>{t('header.unacked')}</span>
      <strong>{count}</strong>
      <span className="quiet">{t('header.oldest')}</span>
      <strong>{elapsedText(now - oldestAt)}</strong>
    </p>
  );
}

function DataAge() {
  const { t } = useWords();
  const { ageMs, freshness } = useDataAge();
  return (
    <p className={`status age-${freshness}`} data-freshness={freshness}>
      {t('pulse.age', { seconds: Math.floor(ageMs / 1000) })}
    </p>
  );
}

function Gateways({ board }: { board: Board }) {
  const { t } = useWords();
  const all = inService(Object.values(board.gateways));
  const online = all.filter((gateway) => gateway.state === 'online').length;
  const stale = useIsStale();
  const some = stale || online < all.length;
  return (
    <p className={`status ${some ? 'partial' : ''}`}>
      {some ? <span className="swatch hatched" aria-hidden="true" /> : null}
      {t('header.gateways')}
      <strong>
        {stale ? noValue : online}/{all.length}
      </strong>
    </p>
  );
}

function Duty() {
  const { t, language } = useWords();
  const session = useDesk((desk) => desk.session);
  const onDuty = useDesk((desk) => desk.board?.responders[desk.session?.user.id ?? '']?.onDuty ?? null);
  const leave = () => void signOut().then(goSignIn, goSignIn);
  return (
    <div className="status duty">
      <details className="menu">
        <summary>
          {onDuty === null ? null : <span className="quiet">{t(onDuty ? 'header.duty' : 'header.offDuty')}</span>}
          <strong>{session?.user.name ?? ''}</strong>
        </summary>
        <div className="menu-body">
          <button type="button" className="button plain" onClick={() => void setDuty(onDuty !== true)}>
            {t(onDuty === true ? 'header.goOffDuty' : 'header.goOnDuty')}
          </button>
          <button type="button" className="button plain" onClick={() => void speak(language === 'zh' ? 'en' : 'zh')}>
            {t('app.language')}
          </button>
          <button type="button" className="button plain" onClick={leave}>
            {t('app.signOut')}
          </button>
        </div>
      </details>
    </div>
  );
}

function Clock() {
  const { t } = useWords();
  useSecond();
  return (
    <time className="desk-clock" aria-label={t('header.clock')}>
      {clockText(cloudNow())}
    </time>
  );
}
