import { useEffect, useState } from 'react';
import type { FloorPlan, PlanItem } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import type { DeviceSummary } from '@yihu/device-profiles/vocabulary/view.ts';
import { useIsStale } from '../client/pulse.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { Segments } from '../parts/Segments.tsx';
import { type Standing, standingOfDevice } from '../parts/standing.ts';
import { useWords } from '../words/language.ts';
import { useEstate } from './estate.ts';
import { Failure } from './Failure.tsx';
import { Link } from './Link.tsx';
import { PlanCanvas } from './PlanCanvas.tsx';
import { useEditing } from './plan-editing.ts';
import { useAreaOf } from './Plans.tsx';
import { PlanTools } from './PlanTools.tsx';
import { mayKeepPlans } from './rights.ts';
import { usePolled, useReading } from './reading.ts';
import './plans.css';

/** One plan, to be looked at by everybody and worked on by those who keep it. */
export default function PlanEditor({ id }: { id: string }) {
  const { t } = useWords();
  const { value, problem, again } = useReading<FloorPlan>(`/api/floor-plans/${encodeURIComponent(id)}`);
  if (problem?.code === 'not-found')
    return (
      <PanelState mark="filter" title={t('plans.missing')} role="alert">
        <Link className="button strong" to={{ screen: 'plans' }}>
          {t('plans.back')}
        </Link>
      </PanelState>
    );
  if (value === null)
    return problem === null ? (
      <Skeleton rows={2} height={320} label={t('app.loading')} />
    ) : (
      <Failure problem={problem} onRetry={again} />
    );
  return <Editor key={value.id} first={value} />;
}

const zooms = [1, 1.5, 2, 3];

function Editor({ first }: { first: FloorPlan }) {
  const { t, text } = useWords();
  const editing = useEditing(first);
  const { saved, items, picked, problem } = editing;
  const mayKeep = useEstate((estate) => mayKeepPlans(estate.session));
  const [zoom, setZoom] = useState(1);
  const { devices, isCut, problem: unread } = useDevicesOf(saved.area);
  const isStale = useIsStale();
  const areaOf = useAreaOf();
  const deviceOf = (item: Extract<PlanItem, { kind: 'device' }>) =>
    devices?.find(({ gateway, id }) => gateway === item.gateway && id === item.device);
  const nameOf = (item: PlanItem): string => {
    if (item.kind === 'area') return areaOf(item.area).name;
    if (item.kind === 'assembly') return item.name;
    if (item.kind === 'ground') return t(`plans.ground.${item.ground}`);
    const device = deviceOf(item);
    return device === undefined ? item.device : `${text(device.name)} ${device.placeText}`;
  };
  const standingOf = (item: PlanItem): Standing => {
    if (item.kind === 'area') return areaOf(item.area).standing;
    const device = item.kind === 'device' ? deviceOf(item) : undefined;
    if (device !== undefined) return isStale && device.worst === null ? 'unknown' : standingOfDevice(device);
    return item.kind === 'device' ? 'unknown' : 'normal';
  };
  useLeaveWarning(editing.isChanged);
  return (
    <div className="plan-page">
      <header className="plan-head">
        <Link className="back quiet" to={{ screen: 'plans' }}>
          ← {t('plans.back')}
        </Link>
        <div className="plan-title">
          <h1>{saved.name}</h1>
          <span className="quiet">
            {saved.areaName}
            {saved.floor === '' ? '' : ` · ${saved.floor}`}
          </span>
          <Segments
            label={t('plans.zoom')}
            name="zoom"
            options={zooms.map((one) => ({ value: one, label: `${one * 100}%` }))}
            value={zoom}
            onChange={setZoom}
          />
          {mayKeep ? (
            <>
              <button type="button" className="button" aria-disabled={!editing.isChanged} onClick={() => editing.undo()}>
                {t('plans.undo')}
              </button>
              <button
                type="button"
                className="button strong"
                aria-disabled={!editing.isChanged || editing.isBusy}
                onClick={() => (editing.isChanged && !editing.isBusy ? editing.save() : undefined)}
              >
                {t('plans.save')}
              </button>
            </>
          ) : null}
        </div>
        {problem === null ? null : (
          <p className="wrong" role="alert">
            {text(problem.message)}
          </p>
        )}
      </header>
      <div className={mayKeep ? 'plan-work' : 'plan-work alone'}>
        <div className="sheet plan-scroll">
          <PlanCanvas
            sheet={{ ...saved, items: [...items] }}
            picked={picked}
            zoom={zoom}
            nameOf={nameOf}
            standingOf={standingOf}
            onPick={editing.pick}
            onMove={mayKeep ? editing.move : () => undefined}
            onRemove={mayKeep ? editing.remove : () => undefined}
          />
        </div>
        {mayKeep ? <PlanTools editing={editing} devices={devices} isCut={isCut} unread={unread} nameOf={nameOf} /> : null}
      </div>
    </div>
  );
}

const devicesShown = 500;

const lookEveryMs = 30_000;

/** The devices that can be placed, and how they are; null until they were read. */
function useDevicesOf(area: string) {
  const asked = new URLSearchParams({ area, limit: String(devicesShown) });
  const { value, problem } = usePolled<{ items: DeviceSummary[]; next: string | null }>(
    `/api/devices?${asked.toString()}`,
    lookEveryMs,
  );
  return { devices: value?.items ?? null, isCut: value !== null && value.next !== null, problem };
}

/** The browser asks before it throws away what was not saved. */
function useLeaveWarning(isChanged: boolean): void {
  useEffect(() => {
    if (!isChanged) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [isChanged]);
}
