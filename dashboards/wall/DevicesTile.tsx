import type { WallView } from '@yihu/device-profiles/vocabulary/wall.ts';
import { useHeardOnly, useIsStale } from '../client/pulse.ts';
import { HealthBar } from '../parts/HealthBar.tsx';
import { useWords } from '../words/language.ts';

const namesShown = 2;

export function DevicesTile({ view }: { view: WallView }) {
  const { t, text } = useWords();
  const { devices } = view;
  const stale = useIsStale();
  const bar = useHeardOnly(devices);
  const lost = view.gateways.filter(({ state }) => state === 'offline');
  const states = (['late', 'offline', 'unknown'] as const).filter((name) => devices[name] > 0);
  return (
    <section className="tile devices-tile" aria-labelledby="devices-title">
      <header>
        <h2 id="devices-title">{t('wall.devices')}</h2>
      </header>
      <p className="big">
        <strong>{devices.online}</strong> <span className="quiet">{t('wall.devicesOf', { total: devices.total })}</span>
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
          {stale
            ? ''
            : view.gateways.length === 0
              ? t('wall.noGateway')
              : t('wall.gatewaysFine', { count: view.gateways.length })}
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
