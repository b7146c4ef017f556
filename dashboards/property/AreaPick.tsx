import type { Area } from '@yihu/device-profiles/vocabulary/view.ts';
import { useWords } from '../words/language.ts';
import { type Reading, useReading } from './reading.ts';

interface Props {
  label: string;
  /** A path; '' for the whole tree; null where nothing is chosen yet. */
  value: string | null;
  /** The whole tree may be chosen. */
  everywhere?: boolean;
  onChange: (path: string | null) => void;
}

/** An area, chosen from the tree downwards: a field for each step, whose first choice is all of the area before it. */
export function AreaPick({ label, value, everywhere = false, onChange }: Props) {
  const { t } = useWords();
  const reading = useReading<Area[]>('/api/areas');
  const { value: read } = reading;
  const areas = (read ?? []).filter(({ kind }) => kind !== 'room');
  const known = new Set(areas.map(({ path }) => path));
  const roots = areas.filter(({ parent }) => parent === null || !known.has(parent));
  const chain = chainOf(areas, value);
  const levels = [roots, ...chain.map((one) => areas.filter(({ parent }) => parent === one.path))].filter(
    (options) => options.length > 0,
  );
  return (
    <fieldset className="area-pick">
      <legend className="label">{label}</legend>
      <AreasUnread reading={reading} />
      <div>
        {levels.map((options, depth) => {
          const above = chain[depth - 1];
          const chosen = chain[depth]?.path ?? (depth === 0 && value === '' && everywhere ? everything : '');
          return (
            <span key={above?.path ?? ''} className="select">
              <select
                aria-label={`${label} ${depth + 1}`}
                value={chosen}
                onChange={({ target }) => onChange(chosenOf(target.value, above?.path ?? null))}
              >
                <option value="">{above === undefined ? t('lists.choose') : t('lists.whole', { name: above.name })}</option>
                {depth === 0 && everywhere ? <option value={everything}>{t('lists.everywhere')}</option> : null}
                {options.map(({ path, name }) => (
                  <option key={path} value={path}>
                    {name}
                  </option>
                ))}
              </select>
            </span>
          );
        })}
      </div>
    </fieldset>
  );
}

/** Before there is anything to choose from: that it is on its way, or why it did not come. */
export function AreasUnread({ reading: { value, problem, again } }: { reading: Reading<unknown> }) {
  const { t, text } = useWords();
  if (value !== null) return null;
  if (problem === null) return <p className="quiet">{t('app.loading')}</p>;
  return (
    <p className="wrong" role="alert">
      {text(problem.message)}{' '}
      <button type="button" className="button small" onClick={again}>
        {t('app.retry')}
      </button>
    </p>
  );
}

const everything = '*';

function chosenOf(option: string, above: string | null): string | null {
  if (option === everything) return '';
  return option === '' ? above : option;
}

/** The areas on the way down to `path`, from the highest that is seen. */
function chainOf(areas: readonly Area[], path: string | null): Area[] {
  const found: Area[] = [];
  let at = areas.find((one) => one.path === path);
  while (at !== undefined) {
    found.unshift(at);
    const { parent } = at;
    at = areas.find((one) => one.path === parent);
  }
  return found;
}
