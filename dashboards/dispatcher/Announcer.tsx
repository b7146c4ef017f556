import { useEffect, useRef, useState } from 'react';
import { levelOf } from '@yihu/device-profiles/vocabulary/severity.ts';
import { useWords } from '../words/language.ts';
import { isUnacked, queueOf } from './board.ts';
import { useDesk } from './desk.ts';

/** Tells a screen reader of new incidents, and only of levels I and II: more would be noise. */
export function Announcer() {
  const { t, text } = useWords();
  const board = useDesk((desk) => desk.board);
  const known = useRef<Set<string> | null>(null);
  const [said, setSaid] = useState('');
  useEffect(() => {
    if (board === null) return;
    const grave = queueOf(board).filter((incident) => isUnacked(incident) && levelOf(incident.severity) <= 2);
    const before = known.current;
    known.current = new Set(grave.map((incident) => incident.id));
    const fresh = before === null ? undefined : grave.find((incident) => !before.has(incident.id));
    if (fresh === undefined) return;
    setSaid(t('queue.announce', { level: t(`level.${fresh.severity}`), title: text(fresh.title), place: fresh.place }));
  }, [board, t, text]);
  return (
    <p className="unseen" aria-live="assertive">
      {said}
    </p>
  );
}
