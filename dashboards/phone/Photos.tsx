import { useState } from 'react';
import type { TaskSummary } from '@yihu/device-profiles/vocabulary/task.ts';
import { localNow } from '../client/clock.ts';
import { whenText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { useDesk } from './desk.ts';

/** Photos of a task: how many the cloud has, how many still wait here. They are fetched when somebody wants to see them. */
export function Photos({ task }: { task: TaskSummary }) {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const waiting = useDesk(
    ({ steps }) => steps.filter((step) => step.kind === 'photo' && step.task === task.id && step.refused === null).length,
  );
  const here = task.photos ?? [];
  if (here.length + waiting === 0) return null;
  return (
    <details className="photos" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className="phone-button">
        {t('phone.photos', { count: here.length + waiting })}
        {waiting === 0 ? null : <span className="to-send">{t('phone.waiting', { count: waiting })}</span>}
      </summary>
      {open
        ? here.map(({ id, at, byName }) => (
            <figure key={id}>
              <img src={`/api/photos/${encodeURIComponent(id)}`} alt={t('phone.photoBy', { name: byName })} />
              <figcaption>
                {t('phone.photoBy', { name: byName })} · {whenText(at, localNow())}
              </figcaption>
            </figure>
          ))
        : null}
    </details>
  );
}
