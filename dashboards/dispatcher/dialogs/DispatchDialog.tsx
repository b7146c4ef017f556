import { type FormEvent, useState } from 'react';
import type { IncidentDetail } from '@yihu/device-profiles/vocabulary/incident.ts';
import type { Responder } from '@yihu/device-profiles/vocabulary/view.ts';
import { useWords } from '../../words/language.ts';
import { Dialog } from '../../parts/Dialog.tsx';
import { PanelState } from '../../parts/PanelState.tsx';
import { moveIncident } from '../act.ts';
import { byReadiness } from '../board.ts';
import { useDesk } from '../desk.ts';
import { distanceText, dutyText } from '../People.tsx';
import { Answers } from '../../parts/Answers.tsx';

const onTheWay = ['offered', 'accepted', 'en-route', 'on-scene'];

/** On duty and not already on the way here. */
function candidates(responders: readonly Responder[], detail: IncidentDetail): Responder[] {
  const sent = new Set(detail.legs.filter((leg) => onTheWay.includes(leg.state)).map((leg) => leg.person));
  return byReadiness(responders.filter((one) => one.onDuty && !sent.has(one.id)));
}

/** D, Enter: the nearest who is free stands first and is chosen already. */
export function DispatchDialog({ detail, onClose }: { detail: IncidentDetail; onClose: () => void }) {
  const words = useWords();
  const { t, text } = words;
  const board = useDesk((desk) => desk.board);
  const people = candidates(Object.values(board?.responders ?? {}), detail);
  const [chosen, setChosen] = useState(people[0]?.id ?? null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onClose();
    if (chosen !== null) void moveIncident(detail, 'dispatch', { person: chosen });
  };
  return (
    <Dialog title={`${t('dialog.dispatchTitle')} · ${text(detail.title)}`} lead={t('dialog.dispatchLead')} onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        {people.length === 0 ? (
          <PanelState mark="unknown" title={t('people.empty')}>
            <p>{t('people.emptyNext')}</p>
          </PanelState>
        ) : null}
        <div className="candidates" role="radiogroup" aria-label={t('people.title')}>
          {people.map((one, index) => (
            <label key={one.id} className="candidate">
              <input type="radio" name="person" value={one.id} checked={chosen === one.id} onChange={() => setChosen(one.id)} />
              <span className="name">{one.name}</span>
              <span className="doing">
                {dutyText(one, words)}
                {index === 0 && one.incident === null && one.metres !== null ? (
                  <span className="hint">{t('dialog.nearest')}</span>
                ) : null}
              </span>
              <span className="distance">{distanceText(one.metres, words)}</span>
            </label>
          ))}
        </div>
        <Answers cancel={t('app.cancel')} submit={t('dialog.dispatch')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
