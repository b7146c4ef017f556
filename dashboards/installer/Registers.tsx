import type { LocalGuess, LocalProbe } from '@yihu/device-profiles/vocabulary/local.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { useWords } from '../words/language.ts';
import { useMaking } from './making.ts';

/** What stands in them, register by register; those that are taken for the profile say as what. */
export function Registers({ probed }: { probed: LocalProbe }) {
  const { t } = useWords();
  const { registers, refused } = probed;
  if (registers.length === 0)
    return (
      <PanelState mark="filter" title={t('local.probe.none')}>
        <p>{t('local.probe.refused', { list: refused.map(({ at }) => at).join(', ') })}</p>
      </PanelState>
    );
  return (
    <section className="stack" aria-live="polite">
      <ul className="sheet registers">
        {registers.map((register) => (
          <li key={register.at}>
            <Register register={register} />
          </li>
        ))}
      </ul>
      {refused.length === 0 ? null : (
        <p className="quiet">{t('local.probe.refused', { list: refused.map(({ at }) => at).join(', ') })}</p>
      )}
    </section>
  );
}

function Register({ register }: { register: LocalProbe['registers'][number] }) {
  const { at, hex, guesses } = register;
  const isTaken = useMaking(({ values }) => values.some(({ match }) => at >= match.at && at < match.at + match.words.length));
  const [best] = guesses;
  return (
    <details className="register" data-taken={isTaken}>
      <summary>
        <code>
          {at} <span className="quiet">0x{at.toString(16).toUpperCase().padStart(4, '0')}</span>
        </code>
        <code>{hex}</code>
        {best === undefined ? null : <Guess guess={best} />}
      </summary>
      <ul className="guesses">
        {guesses.map((guess) => (
          <li key={`${guess.type} ${guess.order}`} className={guess.score < 0.15 ? 'unlikely' : ''}>
            <Guess guess={guess} />
          </li>
        ))}
      </ul>
    </details>
  );
}

function Guess({ guess }: { guess: LocalGuess }) {
  const { text } = useWords();
  return (
    <span className="guess">
      <strong>{guess.value ?? '—'}</strong>
      <span className="quiet">
        {guess.type} {guess.order}
      </span>
      <span className="quiet">{guess.mark === null ? '' : text(guess.mark)}</span>
    </span>
  );
}
