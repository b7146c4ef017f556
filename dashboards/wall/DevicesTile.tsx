import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { useHeardOnly, useIsStale } from '../client/pulse.ts';
import { HealthBar } from '../parts/HealthBar.tsx';
import { inService } from '../parts/standing.ts';
import { noValue } from '../parts/value.ts';
import { useWords } from '../words/language.ts';

const namesShown = 2;

export function DevicesTile({ view }: { view: WallView }) {
  const { t, text } = useWords();
  const { devices } = view;
  const stale = useIsStale();
  const bar = useHeardOnly(devices);
  const own = inService(view.gateways);
  const lost = own.filter(({ state }) => state === 'offline');
  const states = (['late', 'offline', 'unknown'] as const).filter((name) => devices[name] > 0);
  return (
    <section className="tile devices-tile" aria-labelledby="devices-title">
      <header>
        <h2 id="devices-title">{t('wall.devices')}</h2>
      </header>
      <p className="big">
        <strong>{stale ? noValue : devices.online}</strong>{' '}
        <span className="quiet">{t('wall.devicesOf', { total: devices.total })}</span>
      </p>
      <HealthBar devices={bar} label={t('wall.health', { ...bar })} />
      <ul className="states-line">
        {states.map((name) => (
          <li key={name}>
            <span className={`health-key ${name}`} aria-hidden="true" />
            {t(`availability.${name}`)} {devices[name]}
          </li>
        ))}
      </ul>
      {lost.length === 0 ? (
        <p className="quiet">
          {stale ? '' : own.length === 0 ? t('wall.noGateway') : t('wall.gatewaysFine', { count: own.length })}
        </p>
      ) : (
        <div className="lost hatched">
          <p>
            <strong>{t('wall.gatewaysLost', { count: lost.length })}</strong>
          </p>
          {lost.slice(0, namesShown).map((gateway) => (
            <p key={gateway.id} className="fit">
              {text(gateway.name)}
            </p>
          ))}
        </div>
      )}
    </section>
  );
}
