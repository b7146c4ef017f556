import { useMemo } from 'react';
import { useWords } from '../words/language.ts';
import { doStep, useDesk } from './desk.ts';

/** 清点: the desk wants to know whether everybody it sent is safe. In front of everything else, one tap. */
export function RollCalls() {
  const { t } = useWords();
  const { copy, steps } = useDesk();
  const asked = useMemo(() => {
    const said = new Set(steps.flatMap((step) => (step.kind === 'roll-call' && step.refused === null ? [step.call] : [])));
    const [newest] = (copy?.rollCalls ?? []).filter(({ id, people }) => {
      const me = people.find(({ person }) => person === copy?.user.id);
      return !said.has(id) && (me?.state === 'asked' || me?.state === 'silent');
    });
    return newest;
  }, [copy, steps]);
  if (asked === undefined) return null;
  const answer = (step: 'safe' | 'help') => {
    void doStep({ zh: '清点', en: 'Roll call' }, { kind: 'roll-call', call: asked.id, step });
  };
  return (
    <section className="roll-call" role="alert" data-roll-call={asked.id}>
      <h2>{t('phone.rollCall', { name: asked.byName })}</h2>
      <button type="button" className="phone-button next" data-answer="safe" onClick={() => answer('safe')}>
        {t('phone.iAmSafe')}
      </button>
      <button type="button" className="phone-button danger" data-answer="help" onClick={() => answer('help')}>
        {t('phone.iNeedHelp')}
      </button>
    </section>
  );
}
