import type { CallCount } from '@yihu/device-profiles/vocabulary/call.ts';
import type { WallCall } from '@yihu/device-profiles/vocabulary/wall.ts';
import { useTimersNow } from '../client/pulse.ts';
import { elapsedText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';

const gridsShown = 4;

/** 动员: how many homes have answered, as a whole and grid by grid. */
export function CallTile({ call }: { call: WallCall }) {
  const { t } = useWords();
  const now = useTimersNow();
  const { count } = call;
  return (
    <section className="tile call-tile" aria-labelledby="call-title">
      <header>
        <h2 id="call-title" className="fit">
          {t('wall.call')} · {call.title}
        </h2>
        {call.begunAt === null ? null : <span className="tile-side">{elapsedText(now - call.begunAt)}</span>}
      </header>
      <p className="big">
        <strong>{count.householdsDone}</strong> <span className="quiet">{t('wall.callOf', { count: count.households })}</span>
      </p>
      <AnswerBar count={count} />
      <ul className="states-line">
        <li>
          {t('wall.help')} <strong>{count.householdsHelp}</strong>
        </li>
        <li>
          {t('wall.silent')} <strong>{count.households - count.householdsDone}</strong>
        </li>
      </ul>
      <ul className="call-grids">
        {call.grids.slice(0, gridsShown).map((grid) => (
          <li key={grid.area}>
            <span className="fit">{grid.name}</span>
            <AnswerBar count={grid.count} />
            <span>
              {grid.count.householdsDone}/{grid.count.households}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function AnswerBar({ count }: { count: CallCount }) {
  const rest = count.households - count.householdsDone;
  const fine = Math.max(0, count.householdsDone - count.householdsHelp);
  return (
    <span className="answer-bar" aria-hidden="true">
      {fine === 0 ? null : <span className="fine" style={{ flexGrow: fine }} />}
      {count.householdsHelp === 0 ? null : <span className="help" style={{ flexGrow: count.householdsHelp }} />}
      {rest === 0 ? null : <span className="rest" style={{ flexGrow: rest }} />}
    </span>
  );
}
