import { useWords } from '../words/language.ts';
import { Keycap } from '../parts/Keycap.tsx';

interface Props {
  enabled: boolean;
  onToggle: () => void;
  onHelp: () => void;
}

/** The keys at the foot of the screen, so that nobody has to remember them. */
export function KeyBar({ enabled, onToggle, onHelp }: Props) {
  const { t } = useWords();
  if (!enabled) {
    return (
      <footer className="key-bar" aria-label={t('keysHelp.bar')}>
        <button type="button" className="button plain small" onClick={onToggle}>
          {t('keysHelp.off')}
        </button>
      </footer>
    );
  }
  const keys: [string[], string][] = [
    [['↑', '↓'], t('keysHelp.select')],
    [['Enter'], t('keysHelp.open')],
    [['M'], t('keysHelp.call')],
    [['H'], t('keysHelp.nextHelp')],
    [['S'], t('keysHelp.mute')],
    [['Z'], t('move.shelve')],
    [['N'], t('move.note')],
    [['/'], t('keysHelp.search')],
  ];
  return (
    <footer className="key-bar" aria-label={t('keysHelp.bar')}>
      <ul>
        {keys.map(([names, label]) => (
          <li key={label}>
            {names.map((name) => (
              <Keycap key={name} name={name} />
            ))}
            {label}
          </li>
        ))}
      </ul>
      <button type="button" className="button plain small" aria-keyshortcuts="?" onClick={onHelp}>
        <Keycap name="?" /> {t('keysHelp.help')}
      </button>
    </footer>
  );
}
