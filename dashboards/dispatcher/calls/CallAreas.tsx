import { useEffect, useState } from 'react';
import type { CallAreaCount, CallPerson } from '@yihu/device-profiles/vocabulary/call.ts';
import { isWithin } from '@yihu/device-profiles/vocabulary/place.ts';
import { call, isApiError } from '../../client/api.ts';
import { useWords } from '../../words/language.ts';
import { AnswerBar } from './AnswerBar.tsx';
import { pathOf, useCalls } from './read.ts';

const homesShown = 200;

/** Community, grid, building: each with its own figures as the stream brings them; a building opens to its homes. */
export function CallAreas({ call: id }: { call: string }) {
  const { t } = useWords();
  const areas = useCalls((open) => open.areas);
  const [opened, setOpened] = useState<string | null>(null);
  const rows = Object.values(areas ?? {}).sort((a, b) => a.area.localeCompare(b.area, 'zh', { numeric: true }));
  return (
    <section className="block call-areas" aria-labelledby="call-areas-title">
      <h3 id="call-areas-title">{t('calls.areas')}</h3>
      {areas && rows.length === 0 ? <p className="quiet">{t('calls.noAreas')}</p> : null}
      <ul className="scroll" tabIndex={0} aria-label={t('calls.areas')}>
        {rows.map((row) => (
          <AreaRow
            key={row.area}
            row={row}
            depth={rows.filter(({ area }) => area !== row.area && isWithin(area, row.area)).length}
            open={opened === row.area}
            onToggle={() => setOpened(opened === row.area ? null : row.area)}
            call={id}
          />
        ))}
      </ul>
    </section>
  );
}

interface RowProps {
  row: CallAreaCount;
  depth: number;
  open: boolean;
  onToggle: () => void;
  call: string;
}

function AreaRow({ row, depth, open, onToggle, call: id }: RowProps) {
  const { t } = useWords();
  const { count, name, kind } = row;
  const figures = (
    <>
      <AnswerBar count={count} />
      <span className="area-figures">
        {count.help > 0 ? (
          <strong className="help-count">
            {t('calls.help')} {count.help}
          </strong>
        ) : null}
        {count.volunteers > 0 ? <span>{t('calls.volunteers', { count: count.volunteers })}</span> : null}
        <span className="quiet">
          {t('calls.silent')} {count.silent}
        </span>
        <span>
          {count.householdsDone}/{count.households} <span className="unit">{t('calls.done')}</span>
        </span>
      </span>
    </>
  );
  return (
    <li className={`area-row depth-${Math.min(depth, 3)}`}>
      {kind === 'building' ? (
        <button type="button" className="area-name" aria-expanded={open} onClick={onToggle}>
          <span className="twist" aria-hidden="true" />
          {name}
        </button>
      ) : (
        <span className="area-name">{name}</span>
      )}
      {figures}
      {open ? <Homes call={id} area={row.area} name={name} news={JSON.stringify(count)} /> : null}
    </li>
  );
}

interface Home {
  area: string;
  label: string;
  people: CallPerson[];
}

const worst = ['help', 'none', 'unreachable', 'wrong-person', 'refused', 'away', 'safe', 'volunteer'] as const;
type Word = (typeof worst)[number];

function wordOf(person: CallPerson): Word {
  return person.account === 'unreachable' ? 'unreachable' : person.answer;
}

/** A household is as its worst member. */
function homeWord(people: readonly CallPerson[]): Word {
  return worst.find((word) => people.some((one) => wordOf(one) === word)) ?? 'none';
}

function homesOf(people: readonly CallPerson[]): Home[] {
  const groups = Map.groupBy(people, ({ area }) => area);
  return [...groups]
    .map(([area, members]) => ({ area, label: members[0]?.label ?? area, people: members }))
    .sort((a, b) => a.area.localeCompare(b.area, 'zh', { numeric: true }));
}

/** The homes of one building, read again when its figures change. */
function Homes({ call: id, area, name, news }: { call: string; area: string; name: string; news: string }) {
  const { t, text } = useWords();
  const [list, setList] = useState<{ items: CallPerson[]; total: number } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    let left = false;
    const query = new URLSearchParams({ show: 'all', area, limit: String(homesShown) });
    call<{ items: CallPerson[]; total: number }>('GET', `${pathOf(id)}/people?${query.toString()}`).then(
      (value) => {
        if (left) return;
        setList(value);
        setProblem(null);
      },
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        if (!left) setProblem(text(error.problem.message));
      },
    );
    return () => {
      left = true;
    };
    // `text` changes with the language alone, which is no reason to ask again.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [id, area, news]);
  const wrong = problem === null ? null : <p className="wrong">{problem}</p>;
  if (list === null) return wrong;
  return (
    <>
      {wrong}
      <ul className="homes" aria-label={t('calls.homes', { name })}>
        {homesOf(list.items).map((home) => (
          <li key={home.area} className={`home ${homeWord(home.people)}`}>
            <span>{home.label.split(' ').at(-1)}</span>
            <span>{t(`calls.answer.${homeWord(home.people)}`)}</span>
          </li>
        ))}
      </ul>
      {list.items.length === 0 ? <p className="quiet">{t('calls.noHomes')}</p> : null}
      {list.total > list.items.length ? (
        <p className="quiet">{t('calls.moreHomes', { count: list.total - list.items.length })}</p>
      ) : null}
    </>
  );
}
