import type { LocalLine, LocalProbe, LocalProbeRequest } from '@yihu/device-profiles/vocabulary/local.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { type FormEvent, useEffect, useState } from 'react';
import { call, isApiError } from '../client/api.ts';
import { useWords } from '../words/language.ts';
import { useDesk } from './desk.ts';
import { Failure } from './Failure.tsx';
import { beginMaking } from './making.ts';
import { Making } from './Making.tsx';
import { Registers } from './Registers.tsx';

function askedIn(form: FormData): LocalProbeRequest {
  const read = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value : '';
  };
  return {
    place: read('place'),
    unit: Number(read('unit')),
    table: read('table') === 'input' ? 'input' : 'holding',
    at: Number(read('at')),
    count: Number(read('count')),
  };
}

/** A device that nobody knows: its registers in every type and order side by side, and a profile made of them. */
export function Probe({ place, unit }: { place: string; unit: string }) {
  const { t } = useWords();
  const [probed, setProbed] = useState<LocalProbe | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asked, setAsked] = useState<LocalProbeRequest | null>(null);
  const [reading, setReading] = useState(false);
  const read = (what: LocalProbeRequest) => {
    setReading(true);
    setAsked(what);
    call<LocalProbe>('POST', '/api/probe', what)
      .then(
        (found) => {
          beginMaking(what);
          setProbed(found);
          setProblem(null);
        },
        (error: unknown) => {
          if (!isApiError(error)) throw error;
          setProblem(error.problem);
        },
      )
      .finally(() => setReading(false));
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    read(askedIn(new FormData(event.currentTarget)));
  };
  return (
    <div className="list-page">
      <div className="list-head">
        <h1>{t('local.probe.title')}</h1>
        <p className="quiet">{t('local.probe.lead')}</p>
      </div>
      <form className="sheet probe-form" onSubmit={submit}>
        <Fields place={place} unit={unit} />
        <button type="submit" className="button strong" disabled={reading}>
          {t(reading ? 'local.probe.reading' : 'local.probe.submit')}
        </button>
      </form>
      {problem === null || asked === null ? null : <Failure problem={problem} onRetry={() => read(asked)} />}
      {probed === null || asked === null || problem !== null ? null : (
        <div className="probe-work">
          {probed.registers.length === 0 ? null : <Making asked={asked} />}
          <Registers probed={probed} />
        </div>
      )}
    </div>
  );
}

function Fields({ place, unit }: { place: string; unit: string }) {
  const { t } = useWords();
  return (
    <div className="probe-fields">
      <div className="field wide">
        <label htmlFor="probe-place">{t('local.probe.place')}</label>
        <PlaceField place={place} />
      </div>
      <div className="field">
        <label htmlFor="probe-unit">{t('local.probe.unit')}</label>
        <input
          id="probe-unit"
          name="unit"
          className="input"
          type="number"
          min={0}
          max={255}
          defaultValue={unit || '1'}
          required
        />
      </div>
      <div className="field">
        <label htmlFor="probe-table">{t('local.probe.table')}</label>
        <span className="select">
          <select id="probe-table" name="table" className="input">
            <option value="holding">{t('local.probe.holding')}</option>
            <option value="input">{t('local.probe.input')}</option>
          </select>
        </span>
      </div>
      <div className="field">
        <label htmlFor="probe-at">{t('local.probe.at')}</label>
        <input
          id="probe-at"
          name="at"
          className="input"
          defaultValue="0"
          pattern="(0x[0-9a-fA-F]{1,4}|[0-9]{1,5})"
          spellCheck={false}
          required
          autoFocus
        />
      </div>
      <div className="field">
        <label htmlFor="probe-count">{t('local.probe.count')}</label>
        <input id="probe-count" name="count" className="input" type="number" min={1} max={64} defaultValue={16} required />
      </div>
    </div>
  );
}

/** The lines of this gateway, and its Modbus TCP ports. */
function PlaceField({ place }: { place: string }) {
  const [lines, setLines] = useState<readonly LocalLine[]>([]);
  const ports = useDesk((desk) => desk.overview?.ports) ?? [];
  useEffect(() => {
    call<LocalLine[]>('GET', '/api/lines').then(setLines, (error: unknown) => {
      // Without the list the one that was given serves.
      if (!isApiError(error)) throw error;
    });
  }, []);
  const tcp = ports.filter(({ driver }) => driver === 'modbus').map(({ id }) => `port:${id}`);
  const places = [...new Set([...(place === '' ? [] : [place]), ...lines.map((line) => line.place), ...tcp])];
  return (
    <span className="select">
      <select id="probe-place" name="place" className="input" key={place} defaultValue={place} required>
        {places.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    </span>
  );
}
