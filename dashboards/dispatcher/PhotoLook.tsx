import { useState } from 'react';
import type { Photo } from '@yihu/device-profiles/vocabulary/photo.ts';
import { Picture } from '../parts/Picture.tsx';
import { clockText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { StepButton } from './StepButton.tsx';

/** 现场照片: what people on the spot photographed, the newest first, with who and when. */
export function PhotoLook({ photos }: { photos: readonly Photo[] }) {
  const { t } = useWords();
  const newestFirst = photos.toSorted((a, b) => b.at - a.at);
  const [chosen, setChosen] = useState<string | null>(null);
  const nth = Math.max(
    0,
    newestFirst.findIndex(({ id }) => id === chosen),
  );
  const photo = newestFirst[nth];
  if (photo === undefined) return null;
  const step = (by: -1 | 1) => setChosen(newestFirst[nth + by]?.id ?? photo.id);
  const at = clockText(photo.takenAt ?? photo.at);
  const failed = { title: t('look.failed'), next: t('look.failedNext'), retry: t('app.retry') };
  return (
    <figure className="look">
      <div className="look-frame">
        <Picture
          key={photo.id}
          src={`/api/photos/${encodeURIComponent(photo.id)}`}
          alt={t('look.photoBy', { name: photo.byName, at })}
          loading={t('look.loading')}
          failed={failed}
        />
      </div>
      <figcaption className="look-caption">
        <span className="look-camera">{photo.byName}</span>
        <span className="look-age">{at}</span>
        {newestFirst.length < 2 ? null : (
          <span className="look-steps">
            <StepButton label={t('look.previous')} sign="‹" off={nth === 0} onPress={() => step(-1)} />
            <span className="count">{t('look.count', { nth: nth + 1, all: newestFirst.length })}</span>
            <StepButton label={t('look.next')} sign="›" off={nth === newestFirst.length - 1} onPress={() => step(1)} />
          </span>
        )}
      </figcaption>
    </figure>
  );
}
