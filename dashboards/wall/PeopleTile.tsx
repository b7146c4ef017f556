import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { useWords } from '../words/language.ts';

export function PeopleTile({ view }: { view: WallView }) {
  const { t } = useWords();
  const { people } = view;
  return (
    <section className="tile people-tile" aria-labelledby="people-title">
      <header>
        <h2 id="people-title">{t('wall.people')}</h2>
        {people.onDuty === 0 ? <span className="tile-side">{t('wall.nobody')}</span> : null}
      </header>
      <dl className="trio">
        {(['onDuty', 'underWay', 'onScene'] as const).map((name) => (
          <div key={name}>
            <dt>{t(`wall.${name}`)}</dt>
            <dd>{people[name]}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
