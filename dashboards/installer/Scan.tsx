import type { LocalFound, LocalLine, LocalScan } from '@yihu/device-profiles/vocabulary/local.ts';
import { type FormEvent, useEffect } from 'react';
import { useTimersNow } from '../client/pulse.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { elapsedText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { Link } from './Link.tsx';
import { ScanTabs } from './ScanTabs.tsx';
import { go, type Route } from './route.ts';
import { ask, beginScan, isRunning, openScanning, stopScan, useScanning } from './scanning.ts';

/** `S`: to the scan, and there it begins. */
export function scanNow(): void {
  if (location.pathname === '/scan') beginScan();
  else go({ screen: 'scan' });
}

/** Who is on a line: listens first, then asks address by address, and shows each as it answers. */
export function Scan() {
  const { t, text } = useWords();
  const { scan, problem } = useScanning();
  useEffect(openScanning, []);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    beginScan();
  };
  const running = isRunning(scan);
  return (
    <div className="list-page">
      <div className="list-head">
        <h1>{t('local.scan.title')}</h1>
        <p className="quiet">{t('local.scan.lead')}</p>
      </div>
      <ScanTabs here="line" />
      <form className="sheet scan-form" onSubmit={submit}>
        <Lines />
        <Range />
        <div className="scan-answers">
          {running ? (
            <button type="button" className="button" onClick={stopScan}>
              {t('local.scan.stop')}
            </button>
          ) : (
            <button type="submit" className="button strong" aria-keyshortcuts="s">
              {t(scan === null ? 'local.scan.start' : 'local.scan.again')}
            </button>
          )}
        </div>
      </form>
      {problem === null ? null : (
        <p className="refused" role="alert">
          {text(problem.message)}
        </p>
      )}
      {scan === null ? null : <Progress scan={scan} />}
      {scan === null ? null : <FoundList scan={scan} />}
    </div>
  );
}

function Lines() {
  const { t } = useWords();
  const { lines, asked } = useScanning();
  if (lines === null) return null;
  const isOther = !lines.some(({ place }) => place === asked.place);
  return (
    <>
      {lines.length === 0 ? <p className="quiet">{t('local.scan.noLines')}</p> : null}
      <fieldset className="line-choices">
        <legend className="unseen">{t('local.scan.line')}</legend>
        {lines.map((line) => (
          <LineChoice key={line.place} line={line} chosen={asked.place} />
        ))}
      </fieldset>
      <div className="field">
        <label htmlFor="place">{t('local.scan.other')}</label>
        <input
          id="place"
          className="input"
          spellCheck={false}
          placeholder="192.168.1.40:4196"
          value={isOther ? asked.place : ''}
          onChange={(event) => ask({ place: event.target.value.trim() })}
        />
      </div>
    </>
  );
}

function LineChoice({ line, chosen }: { line: LocalLine; chosen: string }) {
  const { t } = useWords();
  const { place, port, devices } = line;
  return (
    <label className="line-choice">
      <input type="radio" name="line" checked={place === chosen} onChange={() => ask({ place })} />
      <span>
        <strong>{place}</strong>
        <span className="quiet">{port === null ? t('local.scan.free') : t('local.scan.ports', { port, count: devices })}</span>
      </span>
    </label>
  );
}

function Range() {
  const { t } = useWords();
  const { from, to } = useScanning((scanning) => scanning.asked);
  const number = (value: string) => Math.max(1, Math.min(247, Math.round(Number(value)) || 1));
  return (
    <div className="range">
      <span className="quiet">{t('local.scan.range')}</span>
      <input
        className="input"
        type="number"
        min={1}
        max={247}
        aria-label={t('local.scan.range')}
        value={from}
        onChange={(event) => ask({ from: number(event.target.value) })}
      />
      <span className="quiet">{t('local.scan.to')}</span>
      <input
        className="input"
        type="number"
        min={1}
        max={247}
        aria-label={t('local.scan.to')}
        value={to}
        onChange={(event) => ask({ to: number(event.target.value) })}
      />
    </div>
  );
}

function Progress({ scan }: { scan: LocalScan }) {
  const { t, text } = useWords();
  const now = useTimersNow();
  const { state, asking, done, of, found, noise, reason, at, atMostMs } = scan;
  const left = Math.max(0, at + atMostMs - now);
  const title = () => {
    if (state === 'listening') return t('local.scan.listening');
    if (state === 'asking') return t('local.scan.asking', { name: asking ?? '' });
    return t(`local.scan.${state}`, { count: found.length });
  };
  return (
    <section className="sheet scan-progress" data-state={state}>
      <p role="status">
        <strong>{title()}</strong>
      </p>
      <span className="load" aria-hidden="true">
        <span style={{ width: `${of === 0 ? 0 : Math.round((done / of) * 100)}%` }} />
      </span>
      <p className="quiet scan-counts">
        <span>{t('local.scan.progress', { done, of })}</span>
        {isRunning(scan) ? <span>{t('local.scan.left', { age: elapsedText(left) })}</span> : null}
      </p>
      {reason === null ? null : <p>{text(reason)}</p>}
      {noise === 0 ? null : <p>{t('local.scan.noise', { count: noise })}</p>}
    </section>
  );
}

function FoundList({ scan }: { scan: LocalScan }) {
  const { t } = useWords();
  if (scan.found.length === 0)
    return scan.state === 'done' ? (
      <PanelState mark="filter" title={t('local.scan.nobody')}>
        <p>{t('local.scan.nobodyNext')}</p>
      </PanelState>
    ) : null;
  return (
    <section className="stack" aria-labelledby="found-title">
      <h2 id="found-title">
        {t('local.scan.found')} <span className="count">{scan.found.length}</span>
      </h2>
      <ul className="sheet rows">
        {scan.found.map((found) => (
          <li key={`${found.wire} ${JSON.stringify(found.address)}`} className="found">
            <Found found={found} place={scan.place} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function addRoute({ address, profiles }: LocalFound, port: string): Route {
  const words = Object.entries(address).map(([name, value]) => `${name} ${value}`);
  return { screen: 'change', port, address: words.join(' '), profile: profiles[0] ?? '', remove: '', newPort: '' };
}

function Found({ found, place }: { found: LocalFound; place: string }) {
  const port = useScanning((scanning) => scanning.lines?.find((line) => line.place === place)?.port) ?? '';
  const { t } = useWords();
  const { wire, address, kind, profiles, shape, tookMs, known } = found;
  const words = Object.entries(address).map(([name, value]) => `${name} ${value}`);
  const unit = address['unit'];
  return (
    <>
      <span className="row-name">
        <strong>
          {kind} · {words.join(' · ')}
        </strong>
        <span className="quiet">{[wire, shape, `${tookMs} ms`, ...profiles.slice(0, 1)].filter(Boolean).join(' · ')}</span>
      </span>
      {known === null ? (
        <>
          <span className="quiet found-state">{t('local.scan.unknown')}</span>
          <Link className="button small" to={addRoute(found, port)}>
            {t('local.change.add')}
          </Link>
        </>
      ) : (
        <Link className="found-state" to={{ screen: 'device', id: known }}>
          {t('local.scan.known', { id: known })}
        </Link>
      )}
      {wire === 'modbus' && unit !== undefined ? (
        <Link className="button small" to={{ screen: 'probe', place, unit: String(unit) }}>
          {t('local.scan.probe')}
        </Link>
      ) : null}
    </>
  );
}
