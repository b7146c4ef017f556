import { useWords } from '../words/language.ts';
import { Glass } from '../parts/Glass.tsx';
import { Keycap } from '../parts/Keycap.tsx';
import { Segments } from '../parts/Segments.tsx';
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
        <Glass />
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
      <Segments
        label={t('devices.availability')}
        name="availability"
        options={states.map((state) => ({
          value: state,
          label: state === '' ? t('devices.all') : t(`availability.${state}`),
        }))}
        value={route.availability}
        onChange={(availability) => change({ availability })}
      />
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
