import { useState } from 'react';
import { type FloorPlan, grounds, planLimits, type PlanItem } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import type { DeviceSummary, Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { useWords } from '../words/language.ts';
import { useEstate } from './estate.ts';
import { addCorner, newRing, newSpot } from './plan-items.ts';
import type { Editing } from './plan-editing.ts';

interface Props {
  editing: Editing;
  /** null until they were read. */
  devices: readonly DeviceSummary[] | null;
  /** There are more of them. */
  isCut: boolean;
  /** Why they could not be read. */
  unread: Problem | null;
  nameOf: (item: PlanItem) => string;
}

/** What can be put on the plan, and what is on it: all that the pointer does can be done here by keyboard. */
export function PlanTools({ editing, nameOf, ...found }: Props) {
  return (
    <div className="plan-tools">
      <Chosen editing={editing} nameOf={nameOf} />
      <AddArea editing={editing} />
      <AddDevice editing={editing} {...found} />
      <AddRest editing={editing} />
      <PictureField editing={editing} />
      <OnIt editing={editing} nameOf={nameOf} />
    </div>
  );
}

function Chosen({ editing, nameOf }: Pick<Props, 'editing' | 'nameOf'>) {
  const { t } = useWords();
  const { picked, items } = editing;
  const item = picked === null ? undefined : items[picked.item];
  if (picked === null || item === undefined)
    return (
      <section className="sheet">
        <h2>{t('plans.nothingPicked')}</h2>
        <p className="quiet">{t('plans.howTo')}</p>
      </section>
    );
  const { corner } = picked;
  return (
    <section className="sheet">
      <h2>{corner === null ? nameOf(item) : t('plans.corner', { nth: corner + 1, name: nameOf(item) })}</h2>
      <p className="quiet">{t('plans.moveHow')}</p>
      <div className="plan-steps">
        {(
          [
            ['left', -0.01, 0],
            ['right', 0.01, 0],
            ['up', 0, -0.01],
            ['down', 0, 0.01],
          ] as const
        ).map(([name, dx, dy]) => (
          <button key={name} type="button" className="button small" onClick={() => editing.move(picked, dx, dy)}>
            {t(`plans.step.${name}`)}
          </button>
        ))}
      </div>
      <div className="plan-steps">
        {'ring' in item ? (
          <button
            type="button"
            className="button small"
            onClick={() => editing.change(picked.item, (one) => addCorner(one, corner ?? 0))}
          >
            {t('plans.addCorner')}
          </button>
        ) : null}
        <button type="button" className="button small" onClick={() => editing.remove(picked)}>
          {t(corner === null ? 'plans.remove' : 'plans.removeCorner')}
        </button>
      </div>
    </section>
  );
}

function AddArea({ editing }: Pick<Props, 'editing'>) {
  const { t } = useWords();
  const areas = useEstate((estate) => estate.overview?.areas) ?? [];
  const drawn = new Set(editing.items.flatMap((item) => (item.kind === 'area' ? [item.area] : [])));
  const free = areas.filter(({ path, kind }) => kind !== 'grid' && path.startsWith(`${editing.saved.area}/`) && !drawn.has(path));
  const [chosen, setChosen] = useState('');
  const area = free.find(({ path }) => path === chosen) ?? free[0];
  if (area === undefined) return null;
  return (
    <section className="sheet plan-add">
      <label htmlFor="plan-add-area">{t('plans.addArea')}</label>
      <span className="select">
        <select id="plan-add-area" value={area.path} onChange={(event) => setChosen(event.target.value)}>
          {free.map((one) => (
            <option key={one.path} value={one.path}>
              {one.kind === 'unit' ? `${areas.find(({ path }) => path === one.parent)?.name ?? ''} ${one.name}` : one.name}
            </option>
          ))}
        </select>
      </span>
      <button
        type="button"
        className="button"
        onClick={() => editing.add({ kind: 'area', area: area.path, ring: newRing(editing.items.length) })}
      >
        {t('plans.put')}
      </button>
    </section>
  );
}

const foundShown = 6;

function AddDevice({ editing, devices, isCut, unread }: Omit<Props, 'nameOf'>) {
  const { t, text } = useWords();
  const [asked, setAsked] = useState('');
  const placed = new Set(editing.items.flatMap((item) => (item.kind === 'device' ? [`${item.gateway}/${item.device}`] : [])));
  const free = (devices ?? []).filter(({ gateway, id }) => !placed.has(`${gateway}/${id}`));
  const fits = free.filter(({ name, placeText, id }) =>
    `${text(name)} ${placeText} ${id}`.toLowerCase().includes(asked.trim().toLowerCase()),
  );
  return (
    <section className="sheet plan-add-device">
      <label htmlFor="plan-device">
        {devices === null ? t('plans.addDeviceOf') : t('plans.addDevice', { count: free.length })}
      </label>
      <input
        id="plan-device"
        className="input"
        type="search"
        value={asked}
        placeholder={t('plans.deviceHint')}
        onChange={(event) => setAsked(event.target.value)}
      />
      <ul>
        {fits.slice(0, foundShown).map((device) => (
          <li key={`${device.gateway}/${device.id}`}>
            <span className="what">
              <strong>{text(device.name)}</strong>
              <span className="quiet">{device.placeText}</span>
            </span>
            <button
              type="button"
              className="button small"
              aria-label={t('plans.putNamed', { name: `${text(device.name)} ${device.placeText}` })}
              onClick={() =>
                editing.add({ kind: 'device', gateway: device.gateway, device: device.id, at: newSpot(editing.items.length) })
              }
            >
              {t('plans.put')}
            </button>
          </li>
        ))}
      </ul>
      {devices === null && unread === null ? <p className="quiet">{t('app.loading')}</p> : null}
      {unread === null ? null : (
        <p className="wrong" role="alert">
          {text(unread.message)}
        </p>
      )}
      {fits.length > foundShown ? <p className="quiet">{t('plans.moreDevices', { count: fits.length - foundShown })}</p> : null}
      {isCut ? <p className="quiet">{t('state.cut', { count: devices?.length ?? 0 })}</p> : null}
    </section>
  );
}

function AddRest({ editing }: Pick<Props, 'editing'>) {
  const { t } = useWords();
  const [name, setName] = useState('');
  return (
    <section className="sheet">
      <div className="plan-add">
        <label htmlFor="plan-assembly">{t('plans.addAssembly')}</label>
        <input
          id="plan-assembly"
          className="input"
          value={name}
          maxLength={40}
          placeholder={t('plans.assemblyHint')}
          onChange={(event) => setName(event.target.value)}
        />
        <button
          type="button"
          className="button"
          onClick={() => {
            editing.add({ kind: 'assembly', name: name.trim() || t('plans.assembly'), at: newSpot(editing.items.length) });
            setName('');
          }}
        >
          {t('plans.put')}
        </button>
      </div>
      <fieldset className="plan-grounds">
        <legend className="quiet">{t('plans.addGround')}</legend>
        {grounds.map((ground) => (
          <button
            key={ground}
            type="button"
            className="button small"
            onClick={() => editing.add({ kind: 'ground', ground, ring: newRing(editing.items.length) })}
          >
            {t(`plans.ground.${ground}`)}
          </button>
        ))}
      </fieldset>
    </section>
  );
}

function PictureField({ editing }: Pick<Props, 'editing'>) {
  const { t } = useWords();
  const [isTooLarge, setTooLarge] = useState(false);
  const take = (file: File | undefined) => {
    if (file === undefined) return;
    const large = file.size > planLimits.pictureBytes;
    setTooLarge(large);
    if (!large) editing.putPicture(file);
  };
  const has = (plan: Pick<FloorPlan, 'picture'>) => plan.picture !== null;
  return (
    <section className="sheet plan-file">
      <label className="button">
        {t(has(editing.saved) ? 'plans.otherPicture' : 'plans.picture')}
        <input
          type="file"
          accept="image/png,image/jpeg"
          onChange={(event) => {
            take(event.target.files?.[0]);
            event.target.value = '';
          }}
        />
      </label>
      <p className="quiet">{t('plans.pictureHint')}</p>
      {isTooLarge ? (
        <p className="wrong" role="alert">
          {t('plans.tooLarge')}
        </p>
      ) : null}
    </section>
  );
}

function OnIt({ editing, nameOf }: Pick<Props, 'editing' | 'nameOf'>) {
  const { t } = useWords();
  if (editing.items.length === 0) return null;
  return (
    <section className="sheet">
      <h2>
        {t('plans.onIt')} <span className="count">{editing.items.length}</span>
      </h2>
      <ul className="plan-items">
        {editing.items.map((item, nth) => (
          // An item is its place in the list: two grounds may be alike.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={nth}>
            <button
              type="button"
              className="button plain small"
              aria-pressed={editing.picked?.item === nth}
              onClick={() => editing.pick({ item: nth, corner: null })}
            >
              <span className="quiet">{t(`plans.kind.${item.kind}`)}</span> {nameOf(item)}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
