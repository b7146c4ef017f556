import { useState } from 'react';
import type { AlarmSnapshot } from '@yihu/device-profiles/vocabulary/alarm.ts';
import { useTimersNow } from '../client/pulse.ts';
import { Keycap } from '../parts/Keycap.tsx';
import { Picture } from '../parts/Picture.tsx';
import { clockText, elapsedText, isoDuration } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { addressOf, firstShot, stepped } from './shots.ts';
import { StepButton } from './StepButton.tsx';

interface Props {
  shots: readonly AlarmSnapshot[];
  /** Opens it in full; absent where it is. */
  onEnlarge?: () => void;
}

/** 现场画面: what the camera saw when the alarm came, with its age; never a picture without its words. */
export function Look({ shots, onEnlarge }: Props) {
  const [chosen, setChosen] = useState<string | null>(null);
  const shot = shots.find(({ id }) => id === chosen) ?? firstShot(shots);
  if (shot === undefined) return null;
  return (
    <figure className="look">
      <div className="look-frame">
        <Frame key={`${shot.id} ${shot.state}`} shot={shot} onEnlarge={onEnlarge} />
      </div>
      <Caption shots={shots} shot={shot} onStep={(by) => setChosen(stepped(shots, shot.id, by))} />
    </figure>
  );
}

function Frame({ shot, onEnlarge }: { shot: AlarmSnapshot; onEnlarge: (() => void) | undefined }) {
  const { t, text } = useWords();
  if (shot.state === 'coming') {
    return (
      <div className="picture-word quiet" role="status">
        {t('look.coming')}
      </div>
    );
  }
  if (shot.state === 'missing') {
    return (
      <div className="picture-word" role="status">
        <strong>{t('look.none')}</strong>
        <span>{t(`look.reason.${shot.missing ?? 'refused'}`)}</span>
      </div>
    );
  }
  const failed = { title: t('look.failed'), next: t('look.failedNext'), retry: t('app.retry') };
  const alt = t('look.alt', { camera: text(shot.cameraName), at: clockText(shot.at) });
  return (
    <Picture src={addressOf(shot.id)} alt={alt} loading={t('look.loading')} failed={failed}>
      {onEnlarge === undefined ? null : (
        <button type="button" className="button small look-enlarge" aria-keyshortcuts="V" onClick={onEnlarge}>
          {t('look.enlarge')} <Keycap name="V" />
        </button>
      )}
    </Picture>
  );
}

interface CaptionProps {
  shots: readonly AlarmSnapshot[];
  shot: AlarmSnapshot;
  onStep: (by: -1 | 1) => void;
}

function Caption({ shots, shot, onStep }: CaptionProps) {
  const { t, text } = useWords();
  const nth = shots.findIndex(({ id }) => id === shot.id);
  return (
    <figcaption className="look-caption">
      <span className="look-camera">{text(shot.cameraName)}</span>
      <Age shot={shot} />
      {shots.length < 2 ? null : (
        <span className="look-steps">
          <StepButton label={t('look.previous')} sign="‹" off={nth === 0} onPress={() => onStep(-1)} />
          <span className="count">{t('look.count', { nth: nth + 1, all: shots.length })}</span>
          <StepButton label={t('look.next')} sign="›" off={nth === shots.length - 1} onPress={() => onStep(1)} />
        </span>
      )}
    </figcaption>
  );
}

function Age({ shot: { at, state } }: { shot: AlarmSnapshot }) {
  const { t } = useWords();
  const ms = useTimersNow() - at;
  const age = { at: clockText(at), age: elapsedText(ms) };
  return (
    <time className="look-age" dateTime={isoDuration(ms)}>
      {state === 'missing' ? t('look.tried', age) : t('look.taken', age)}
    </time>
  );
}
