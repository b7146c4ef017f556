import type { LocalDevice, LocalExchange } from '@yihu/device-profiles/vocabulary/local.ts';
import { clockText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { Link } from './Link.tsx';

/** What went over the wire with this device, newest first: asked, answered, how long it took, and what that means. */
export function Exchanges({ device }: { device: LocalDevice }) {
  const { t } = useWords();
  const { exchanges, driver } = device;
  const isAsked = driver === 'line' || driver === 'modbus';
  return (
    <section className="sheet exchanges" aria-labelledby="exchanges-title">
      <h2 id="exchanges-title">{t('local.device.exchanges')}</h2>
      {exchanges.length > 0 ? null : (
        <p className="quiet">{t(isAsked ? 'local.device.noExchanges' : 'local.device.messageWire')}</p>
      )}
      <ol>
        {exchanges.map((exchange, index) => (
          <li key={`${exchange.at}-${index}`}>
            <One exchange={exchange} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function One({ exchange }: { exchange: LocalExchange }) {
  const { t, text } = useWords();
  const { at, sent, heard, tookMs, note } = exchange;
  return (
    <>
      <p className="exchange-head">
        <time>{clockText(at)}</time>
        {tookMs === undefined ? null : <span className="quiet">{t('local.device.took', { ms: Math.round(tookMs) })}</span>}
        {sent === undefined && heard === undefined ? null : (
          <Link className="exchange-decode" to={{ screen: 'decode', text: [sent, heard].filter(Boolean).join('\n') }}>
            {t('local.device.decode')}
          </Link>
        )}
      </p>
      <dl className="bytes">
        {sent === undefined ? null : <Bytes label={t('local.device.sent')} hex={sent} />}
        <Bytes label={t('local.device.heard')} hex={heard ?? ''} />
      </dl>
      {note === undefined ? null : <p className="exchange-note">{text(note)}</p>}
    </>
  );
}

function Bytes({ label, hex }: { label: string; hex: string }) {
  const { t } = useWords();
  return (
    <div>
      <dt>{label}</dt>
      <dd>{hex === '' ? <span className="quiet">{t('local.device.nothing')}</span> : <code>{hex.toUpperCase()}</code>}</dd>
    </div>
  );
}
