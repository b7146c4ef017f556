import { useState } from 'react';
import type { FloorPlan, FloorPlanSummary } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import { useIsStale } from '../client/pulse.ts';
import { PanelState } from '../parts/PanelState.tsx';
import { PlanView } from '../parts/PlanView.tsx';
import { standingOfArea, unheard } from '../parts/standing.ts';
import { dayText } from '../parts/time.ts';
import { useWords } from '../words/language.ts';
import { useEstate } from './estate.ts';
import { Link } from './Link.tsx';
import { Listed } from './Listed.tsx';
import { PlanDialog } from './PlanDialog.tsx';
import { mayKeepPlans } from './rights.ts';
import { useReading } from './reading.ts';
import './plans.css';

/** 平面图: of communities, buildings and floors. */
export default function PlansScreen() {
  const { t } = useWords();
  const reading = useReading<FloorPlanSummary[]>('/api/floor-plans');
  const [adding, setAdding] = useState(false);
  const mayKeep = useEstate((estate) => mayKeepPlans(estate.session));
  return (
    <div className="windows plans">
      <div className="windows-head">
        <h1>{t('plans.title')}</h1>
        <p className="quiet">{t('plans.lead')}</p>
        {mayKeep ? (
          <button type="button" className="button strong" onClick={() => setAdding(true)}>
            {t('plans.add')}
          </button>
        ) : null}
      </div>
      <Listed reading={reading} allowed>
        {(plans) =>
          plans.length === 0 ? (
            <PanelState mark="filter" title={t('plans.empty')}>
              <p>{t('plans.emptyNext')}</p>
            </PanelState>
          ) : (
            <ul className="plan-cards">
              {plans.map((plan) => (
                <PlanCard key={plan.id} plan={plan} />
              ))}
            </ul>
          )
        }
      </Listed>
      {adding ? <PlanDialog onClose={() => setAdding(false)} /> : null}
    </div>
  );
}

function PlanCard({ plan }: { plan: FloorPlanSummary }) {
  const { t } = useWords();
  const { value, problem } = useReading<FloorPlan>(`/api/floor-plans/${plan.id}`, plan.version);
  const areaOf = useAreaOf();
  return (
    <li className="sheet plan-card">
      <div className="plan-thumb">
        {value === null && problem !== null ? <p className="quiet">{t('state.failedTitle')}</p> : null}
        {value === null ? null : <PlanView plan={value} label={plan.name} areaOf={areaOf} letters={0.032} />}
      </div>
      <div className="what">
        <Link to={{ screen: 'plan', id: plan.id }}>
          <strong>{plan.name}</strong>
        </Link>
        <span className="quiet">
          {plan.areaName}
          {plan.floor === '' ? '' : ` · ${plan.floor}`} · {t('plans.counts', { areas: plan.areas, devices: plan.devices })}
        </span>
        <span className="quiet">{t('plans.changed', { at: dayText(plan.at), by: plan.byName })}</span>
      </div>
    </li>
  );
}

/** Name and state of an area, as the overview knows them. */
export function useAreaOf() {
  const areas = useEstate((estate) => estate.overview?.areas) ?? [];
  const isStale = useIsStale();
  return (path: string) => {
    const area = areas.find((one) => one.path === path);
    return area === undefined
      ? { name: path.split('/').at(-1) ?? path, standing: 'none' as const }
      : { name: area.name, standing: standingOfArea(isStale ? unheard(area) : area) };
  };
}
