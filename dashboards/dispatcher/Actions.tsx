import { type IncidentDetail, incidentLife, type IncidentMove } from '@yihu/device-profiles/vocabulary/incident.ts';
import { useWords } from '../words/language.ts';
import { Keycap } from '../parts/Keycap.tsx';
import { acknowledge, canReset, canShelve, moveIncident } from './act.ts';
import { useDesk } from './desk.ts';
import { tasks } from './later-parts.ts';
import { LaterPanel } from './LaterPart.tsx';
import { type Allowance, allowanceOf, desk, type ShortWhy } from './moves.ts';
import type { DialogName } from './shortcuts.ts';

interface Props {
  detail: IncidentDetail;
  onDialog: (name: DialogName) => void;
  stale: boolean;
}

/** The next sensible move is the bright one, and a reset in the list of alarms is brighter; the others keep their places. */
function isNext(move: IncidentMove, detail: IncidentDetail): boolean {
  const unacked = detail.unackedCount > 0 || detail.state === 'open';
  if (unacked) return move === 'confirm';
  if (detail.alarms.some(canReset)) return false;
  if (detail.state === 'confirmed') return move === 'dispatch';
  return move === 'close' && detail.state === 'resolved';
}

export function Actions({ detail, onDialog, stale }: Props) {
  const busy = useDesk((state) => state.busy);
  const run = (move: IncidentMove) => {
    if (move === 'confirm') return void acknowledge(detail);
    if (move === 'arrive' || move === 'control') return void moveIncident(detail, move);
    return onDialog(move);
  };
  return (
    <div className="actions">
      <div className="actions-main">
        {desk.map(({ move, key }) => (
          <MoveButton
            key={move}
            move={move}
            shortcut={key}
            strong={isNext(move, detail)}
            allowance={allowanceOf(move, detail, stale, busy)}
            onPress={() => run(move)}
          />
        ))}
      </div>
      <div className="actions-foot">
        <MoreActions detail={detail} onDialog={onDialog} stale={stale} />
        <Refusals detail={detail} stale={stale} />
      </div>
    </div>
  );
}

interface MoveProps {
  move: IncidentMove;
  shortcut: string | null;
  strong: boolean;
  allowance: Allowance;
  onPress: () => void;
}

/** Never hidden and never dead without a word: a button that cannot be pressed says what to do first. */
function MoveButton({ move, shortcut, strong, allowance, onPress }: MoveProps) {
  const { t, text } = useWords();
  const { allowed, short, count, why } = allowance;
  const sentence = why ? text(why) : short === null ? undefined : t(`why.${short}`, { count });
  return (
    <button
      type="button"
      className={`button act ${strong && allowed ? 'strong' : ''}`}
      data-move={move}
      aria-disabled={!allowed}
      aria-keyshortcuts={shortcut ?? undefined}
      title={sentence}
      onClick={allowed ? onPress : undefined}
    >
      <span>{t(`move.${move}`)}</span>
      {allowed && shortcut !== null ? <Keycap name={shortcut} /> : null}
      {short === null ? null : <span className="why">{t(`shortWhy.${short}`)}</span>}
    </button>
  );
}

const inFull: readonly (ShortWhy | null)[] = ['still-active', 'reset-first', 'refused'];

/** What stands in the way and is not of this desk's making, in full. */
function Refusals({ detail, stale }: { detail: IncidentDetail; stale: boolean }) {
  const { t, text } = useWords();
  const said = desk.flatMap(({ move }) => {
    const { short, count, why } = allowanceOf(move, detail, stale, false);
    if (short === null || !inFull.includes(short)) return [];
    return [t('pane.refusal', { move: t(`move.${move}`), why: why ? text(why) : t(`why.${short}`, { count }) })];
  });
  return said.length === 0 ? null : <p className="refusals quiet">{said.join(' ')}</p>;
}

function MoreActions({ detail, onDialog, stale }: Props) {
  const { t } = useWords();
  const may = (move: 'cancel' | 'reopen') => incidentLife[move].from.includes(detail.state);
  const items: { name: DialogName & ('shelve' | 'note' | 'cancel' | 'reopen'); key: string | null; allowed: boolean }[] = [
    { name: 'shelve', key: 'Z', allowed: detail.alarms.some(canShelve) },
    { name: 'note', key: 'N', allowed: true },
    { name: 'cancel', key: null, allowed: may('cancel') },
    { name: 'reopen', key: null, allowed: may('reopen') },
  ];
  const why = (name: string) => (stale ? t('why.stale') : name === 'shelve' ? t('why.nothingToShelve') : t('why.refused'));
  return (
    <div className="actions-more">
      {items.map(({ name, key, allowed }) => {
        const can = allowed && !stale;
        return (
          <button
            key={name}
            type="button"
            className="button plain small"
            aria-disabled={!can}
            aria-keyshortcuts={key ?? undefined}
            title={can ? undefined : why(name)}
            onClick={can ? () => onDialog(name) : undefined}
          >
            {t(`move.${name}`)}
            {key === null ? null : <Keycap name={key} />}
          </button>
        );
      })}
      <LaterPanel part={tasks}>
        {({ IncidentMenu }) => <IncidentMenu detail={detail} stale={stale} onDialog={onDialog} />}
      </LaterPanel>
    </div>
  );
}
