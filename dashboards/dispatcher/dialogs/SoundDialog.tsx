import { useState } from 'react';
import { useWords } from '../../words/language.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { confirmTest, playTest } from '../sound/sound.ts';

/** A shift begins with a tone that a person says was heard; until then the header says the sound is untested. */
export function SoundDialog({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const [outcome, setOutcome] = useState<'not-played' | 'played' | 'blocked'>('not-played');
  const start = () => void playTest().then((played) => setOutcome(played ? 'played' : 'blocked'));
  const played = outcome === 'played';
  const confirm = () => {
    confirmTest();
    onClose();
  };
  return (
    <Dialog title={t('sound.testTitle')} lead={t('sound.testLead')} onClose={onClose}>
      <p className="quiet small-print">{t('sound.levels')}</p>
      {outcome === 'blocked' ? (
        <p className="blocked" role="alert">
          {t('sound.blocked')}
        </p>
      ) : null}
      <div className="answers">
        <button type="button" className={`button ${played ? '' : 'strong'}`} data-first="" onClick={start}>
          {t(played ? 'sound.playAgain' : 'sound.play')}
        </button>
        <button
          type="button"
          className={`button ${played ? 'strong' : ''}`}
          aria-disabled={!played}
          title={played ? undefined : t('sound.notYet')}
          onClick={played ? confirm : undefined}
        >
          {t('sound.heard')}
        </button>
      </div>
    </Dialog>
  );
}
