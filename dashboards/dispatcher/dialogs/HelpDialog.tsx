import { useWords } from '../../words/language.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { Keycap } from '../../parts/Keycap.tsx';

interface Props {
  enabled: boolean;
  onToggle: () => void;
  onClose: () => void;
}

export function HelpDialog({ enabled, onToggle, onClose }: Props) {
  const { t } = useWords();
  const keys: [string, string][] = [
    ['↑ ↓ J K', t('keysHelp.select')],
    ['Enter', t('keysHelp.open')],
    ['A', t('move.confirm')],
    ['D', t('move.dispatch')],
    ['R', t('move.resolve')],
    ['C', t('move.close')],
    ['E', t('move.reset')],
    ['X', t('move.false-alarm')],
    ['Z', t('move.shelve')],
    ['N', t('move.note')],
    ['V', t('look.title')],
    ['1 – 9', t('keysHelp.dial')],
    ['T', t('keysHelp.forces')],
    ['L', t('keysHelp.level')],
    ['P', t('keysHelp.rollCall')],
    ['G', t('keysHelp.merge')],
    ['O', t('keysHelp.onward')],
    ['B', t('keysHelp.shift')],
    ['Q', t('keysHelp.post')],
    ['M', t('keysHelp.call')],
    ['H', t('keysHelp.nextHelp')],
    ['Esc', t('keysHelp.back')],
    ['F', t('keysHelp.fold')],
    ['S', t('keysHelp.mute')],
    ['/', t('keysHelp.search')],
    ['?', t('keysHelp.help')],
  ];
  return (
    <Dialog title={t('keysHelp.title')} lead={t('keysHelp.lead')} onClose={onClose}>
      <dl className="key-list">
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((name) => (
                <Keycap key={name} name={name} />
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <label className="switch">
        <input type="checkbox" role="switch" checked={enabled} onChange={onToggle} />
        <span>{t('keysHelp.enabled')}</span>
      </label>
      <div className="answers">
        <button type="button" className="button strong" data-first="" onClick={onClose}>
          {t('app.close')}
        </button>
      </div>
    </Dialog>
  );
}
