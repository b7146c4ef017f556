import type { LocalProfiles } from '@yihu/device-profiles/vocabulary/local.ts';
import type { LocalSiteEdit } from '@yihu/device-profiles/vocabulary/local-edit.ts';
import { type FormEvent, useState } from 'react';
import { useWords } from '../words/language.ts';
import { focusIt, Plan, Trial } from './ChangePlan.tsx';
import { readField, useChanging } from './changing.ts';
import { useDesk, useLive } from './desk.ts';
import { MayBeSilent } from './MayBeSilent.tsx';
import type { Route } from './route.ts';

type Given = Extract<Route, { screen: 'change' }>;

/** A device more or less as a transaction: what it is → the plan by port → tried → kept, or rolled back by itself. */
export function Change({ given }: { given: Given }) {
  const { t, text } = useWords();
  const isRemoval = given.remove !== '';
  const { planned, problem, begun, busy, plan, apply } = useChanging();
  if (begun !== null) return <Trial paired={begun.paired} />;
  return (
    <div className="list-page">
      <h1>{isRemoval ? t('local.change.removeTitle', { id: given.remove }) : t('local.change.addTitle')}</h1>
      <p className="quiet">{t('local.change.lead')}</p>
      {isRemoval ? (
        <button type="button" className="button" disabled={busy} onClick={() => plan({ remove: given.remove })}>
          {t('local.change.plan')}
        </button>
      ) : (
        <Fields given={given} busy={busy} onPlan={plan} />
      )}
      {problem === null ? null : (
        <p className="refused" role="alert">
          {text(problem.message)}
        </p>
      )}
      {planned === null ? null : <Plan planned={planned} busy={busy} onApply={apply} />}
    </div>
  );
}

/** `unit 13` as it is shown everywhere: names and values in turn. */
function addressIn(words: string): Record<string, string | number> {
  const parts = words.trim().split(/\s+/);
  const pairs = parts.flatMap((name, i) => {
    const value = parts[i + 1];
    if (i % 2 === 1 || value === undefined) return [];
    return [[name, /^\d+$/.test(value) ? Number(value) : value] as const];
  });
  return Object.fromEntries(pairs);
}

/** `modbus 192.168.1.40 502`: a port that comes with its device. */
function newPortIn(words: string) {
  const [driver, host = '', port] = words.split(' ');
  if (driver !== 'modbus' && driver !== 'line') return {};
  return { newPort: { driver, host, port: Number(port) } } as const;
}

function editIn(form: FormData, given: Given): LocalSiteEdit {
  const read = (name: string) => readField(form, name);
  const place = Object.fromEntries(
    ['building', 'room'].map((name) => [name, read(name)] as const).filter(([, said]) => said !== ''),
  );
  const [id, name, profile, port] = [read('id'), read('name'), read('profile'), read('port')];
  const mayBeSilent = read('silent') !== '';
  return {
    add: { id, name, profile, port, address: addressIn(read('address')), place },
    ...newPortIn(given.newPort),
    mayBeSilent,
  };
}

/** A number for a device that a scan has found: its line and its address. */
function idFrom({ port, address }: Given): string {
  const words = Object.values(addressIn(address)).join('-').toLowerCase();
  return port === '' || words === '' ? '' : `${port}-${words}`.replaceAll(/[^a-z0-9._-]/g, '-');
}

function Fields({ given, busy, onPlan }: { given: Given; busy: boolean; onPlan: (edit: LocalSiteEdit) => void }) {
  const { t, text } = useWords();
  const [sought, setSought] = useState(given.profile);
  const ports = useDesk((desk) => desk.overview)?.ports ?? [];
  const [chosen, setChosen] = useState(given.port);
  // Such a device is called by its number where it has no other name of its own.
  const logsIn = /^(mqtt|http-event)$/.test((ports.find(({ id }) => id === chosen) ?? ports[0])?.driver ?? '');
  const { data } = useLive<LocalProfiles>(`/api/profiles?q=${encodeURIComponent(sought)}`);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onPlan(editIn(new FormData(event.currentTarget), given));
  };
  const field = (name: 'id' | 'name' | 'building' | 'room' | 'address', value = '', required = true) => (
    <label className="field">
      <span>{t(`local.change.${name}`)}</span>
      <input className="input" name={name} id={`change-${name}`} defaultValue={value} required={required} autoComplete="off" />
    </label>
  );
  return (
    <form className="sheet change-form" onSubmit={submit}>
      <label className="field">
        <span>{t('local.change.profile')}</span>
        <input
          className="input"
          name="profile"
          id="change-profile"
          ref={focusIt}
          list="change-profiles"
          required
          autoComplete="off"
          value={sought}
          onChange={(event) => setSought(event.target.value)}
        />
        <datalist id="change-profiles">
          {(data?.profiles ?? []).slice(0, 20).map((profile) => (
            <option key={profile.id} value={profile.id}>
              {text(profile.maker)} {profile.model} {text(profile.name)}
            </option>
          ))}
        </datalist>
      </label>
      {field('name')}
      {field('building', '', false)}
      {field('room', '', false)}
      {field('id', idFrom(given))}
      <label className="field">
        <span>{t('local.device.port')}</span>
        <span className="select">
          <select
            className="input"
            name="port"
            key={ports.length}
            defaultValue={given.port}
            onChange={(event) => setChosen(event.target.value)}
          >
            {given.newPort === '' ? null : <option value={given.port}>{t('work.survey.newPort', { port: given.port })}</option>}
            {ports.map(({ id }) => (
              <option key={id}>{id}</option>
            ))}
          </select>
        </span>
      </label>
      {field('address', given.address, !logsIn)}
      <MayBeSilent />
      <button type="submit" className="button strong" disabled={busy}>
        {t(busy ? 'local.change.planning' : 'local.change.plan')}
      </button>
    </form>
  );
}
