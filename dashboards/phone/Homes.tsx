import { type FormEvent, useState } from 'react';
import type { PersonDetail } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import { call, isApiError } from '../client/api.ts';
import { useWords } from '../words/language.ts';
import { People } from './Home.tsx';
import { HomeLink } from './HomeLink.tsx';
import { peopleAt } from './homes.ts';

interface Found {
  rooms: { area: string; label: string }[];
  people: { places: { area: string; label: string; current: boolean }[] }[];
}
type Answer = { rooms: { area: string; label: string }[]; isCut: boolean } | 'offline' | 'asked' | null;
const mostRooms = 20;

/** A visit nobody ordered: the home is looked for, which needs the network; what is found out of it waits like all else. */
export function Homes() {
  const { t } = useWords();
  const [typed, setTyped] = useState('');
  const [answer, setAnswer] = useState<Answer>(null);
  const [home, setHome] = useState<{ area: string; label: string; people: PersonDetail[] | null } | null>(null);
  const find = async (event: FormEvent) => {
    event.preventDefault();
    setHome(null);
    if (typed.trim() === '') return;
    // What was found for other words says nothing of these.
    setAnswer('asked');
    setAnswer(await search(typed.trim()));
  };
  const open = async ({ area, label }: { area: string; label: string }) => {
    try {
      setHome({ area, label, people: await peopleAt(area) });
    } catch (error) {
      if (!isApiError(error)) throw error;
      setAnswer('offline');
    }
  };
  return (
    <details className="more homes">
      <summary className="phone-button">{t('phone.homes')}</summary>
      <form onSubmit={(event) => void find(event)}>
        <label>
          {t('phone.homesFind')}
          <input value={typed} maxLength={64} autoComplete="off" onChange={({ target }) => setTyped(target.value)} />
        </label>
        <button type="submit" className="phone-button">
          {t('phone.homesGo')}
        </button>
      </form>
      {answer === 'offline' ? <p role="status">{t('phone.homesOffline')}</p> : null}
      {answer === 'asked' ? <p role="status">{t('app.loading')}</p> : null}
      {answer !== null && typeof answer !== 'string' && home === null ? (
        <div className="choices" role="status">
          {answer.rooms.length === 0 ? <p>{t('phone.homesNone')}</p> : null}
          {answer.rooms.map((room) => (
            <button key={room.area} type="button" className="phone-button" data-home={room.area} onClick={() => void open(room)}>
              {room.label}
            </button>
          ))}
          {answer.isCut ? <p>{t('state.cut', { count: mostRooms })}</p> : null}
        </div>
      ) : null}
      {home === null ? null : (
        <>
          <h2>{home.label}</h2>
          {home.people === null ? (
            <p>{t('phone.homeClosed')}</p>
          ) : home.people.length === 0 ? (
            <p>{t('phone.homeEmpty')}</p>
          ) : (
            <People people={home.people} />
          )}
          <HomeLink area={home.area} />
        </>
      )}
    </details>
  );
}

async function search(q: string): Promise<Answer> {
  try {
    const { rooms, people } = await call<Found>('POST', '/api/registry/search', { q });
    const homes = people.flatMap(({ places }) => places.filter(({ current }) => current));
    const all = [...rooms, ...homes].map(({ area, label }) => [area, { area, label }] as const);
    const found = [...new Map(all).values()];
    return { rooms: found.slice(0, mostRooms), isCut: found.length > mostRooms };
  } catch (error) {
    if (!isApiError(error)) throw error;
    return error.status === 400 ? { rooms: [], isCut: false } : 'offline';
  }
}
