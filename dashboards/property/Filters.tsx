import { useWords } from '../words/language.ts';
import { Keycap } from '../parts/Keycap.tsx';
import { useEstate } from './estate.ts';
import { go, type Route } from './route.ts';

type DevicesRoute = Extract<Route, { screen: 'devices' }>;

const states = ['', 'online', 'late', 'offline', 'unknown'] as const;

/** Search, area and availability; all of it stands in the address, so that a view can be sent to somebody. */
export function Filters({ route }: { route: DevicesRoute }) {
  const { t } = useWords();
  const change = (part: Partial<DevicesRoute>) => go({ ...route, ...part }, true);
  return (
    <div className="filters">
      <div className="search">
        <svg
          viewBox="0 0 18 18"
          width="18"
          height="18"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
          strokeLinecap="round"
          aria-hidden="true"
        >
          <circle cx="8" cy="8" r="5" />
          <path d="m12 12 3.5 3.5" />
        </svg>
        <input
          id="device-search"
          type="search"
          value={route.q}
          placeholder={t('devices.searchHint')}
          aria-label={t('devices.search')}
          onChange={(event) => change({ q: event.target.value })}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && !event.nativeEvent.isComposing) change({ q: '' });
          }}
        />
        {route.q === '' ? <Keycap name="/" /> : null}
      </div>
      <AreaSelect route={route} onChange={(area) => change({ area })} />
      <fieldset className="segments" aria-label={t('devices.availability')}>
        {states.map((state) => (
          <label key={state} className="segment">
            <input
              type="radio"
              name="availability"
              checked={route.availability === state}
              onChange={() => change({ availability: state })}
            />
            <span>{state === '' ? t('devices.all') : t(`availability.${state}`)}</span>
          </label>
        ))}
      </fieldset>
    </div>
  );
}

function AreaSelect({ route, onChange }: { route: DevicesRoute; onChange: (area: string) => void }) {
  const { t } = useWords();
  const areas = useEstate((estate) => estate.overview?.areas);
  const shown = (areas ?? []).filter((area) => area.kind === 'community' || area.kind === 'building');
  const nameOf = (path: string) =>
    shown.find((area) => area.kind === 'community' && path.startsWith(`${area.path}/`))?.name ?? '';
  return (
    <span className="select">
      <select aria-label={t('devices.area')} value={route.area} onChange={(event) => onChange(event.target.value)}>
        <option value="">{t('devices.allAreas')}</option>
        {shown.map((area) => (
          <option key={area.path} value={area.path}>
            {area.kind === 'building' ? `${nameOf(area.path)} ${area.name}` : area.name}
          </option>
        ))}
      </select>
    </span>
  );
}
