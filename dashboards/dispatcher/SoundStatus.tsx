import { localNow } from '../client/clock.ts';
import { useWords } from '../words/language.ts';
import { useSecond } from '../client/pulse.ts';
import { minuteText } from '../parts/time.ts';
import { type SoundState, soundState, useSound } from './sound/sound.ts';

const waves: Record<SoundState, string> = {
  on: 'M11 6.5a3.5 3.5 0 0 1 0 5M13 4a7 7 0 0 1 0 10',
  muted: 'M11.5 7l4 4M15.5 7l-4 4',
  untested: 'M12 6.4a1.8 1.8 0 1 1 2.4 1.7c-.6.3-.8.6-.8 1.3M13.6 11.8v.1',
  suspended: 'M11.5 7l4 4M15.5 7l-4 4',
};

/** Whether an alarm would be heard; a button, because the cure for silence is one press away. */
export function SoundStatus({ onTest }: { onTest: () => void }) {
  const { t } = useWords();
  const sound = useSound();
  useSecond();
  const state = soundState(sound);
  const left = Math.max(0, Math.ceil(((sound.score.mutedUntil ?? 0) - localNow()) / 1000));
  const detail =
    state === 'on' ? t('sound.onDetail', { at: minuteText(sound.testedAt ?? 0) }) : state === 'muted' ? '' : t('sound.press');
  return (
    <button type="button" className={`status sound ${state}`} onClick={onTest}>
      <svg
        viewBox="0 0 18 18"
        width="18"
        height="18"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        aria-hidden="true"
      >
        <path d="M2.5 7v4h2.5l3.5 3V4L5 7Z" strokeLinejoin="round" />
        <path d={waves[state]} />
      </svg>
      {t(`sound.${state}`, { seconds: left })}
      {detail === '' ? null : <span className="quiet detail">{detail}</span>}
    </button>
  );
}
