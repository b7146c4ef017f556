import { useWords } from '../words/language.ts';
import { Skeleton } from '../parts/Skeleton.tsx';

/** The desk's own shape in grey, while the snapshot is on its way. */
export function Loading() {
  const { t } = useWords();
  return (
    <div className="desk">
      <header className="desk-header" />
      <main className="desk-columns" aria-label={t('app.loading')}>
        <div className="column queue">
          <Skeleton rows={5} height={84} label={t('app.loading')} />
        </div>
        <div className="column pane">
          <Skeleton rows={2} height={260} label={t('app.loading')} />
        </div>
        <div className="column people">
          <Skeleton rows={6} height={44} label={t('app.loading')} />
        </div>
      </main>
      <footer className="key-bar" />
    </div>
  );
}
