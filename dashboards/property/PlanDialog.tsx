import { type FormEvent, useState } from 'react';
import type { FloorPlan } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { Answers } from '../parts/Answers.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { useWords } from '../words/language.ts';
import { useEstate } from './estate.ts';
import { go } from './route.ts';

/** A new plan: where, which floor, what it is called; picture and marks come on its own page. */
export function PlanDialog({ onClose }: { onClose: () => void }) {
  const { t, text } = useWords();
  const areas = (useEstate((estate) => estate.overview?.areas) ?? []).filter(({ kind }) => kind !== 'street');
  const [area, setArea] = useState(areas[0]?.path ?? '');
  const [floor, setFloor] = useState('');
  const [name, setName] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    call<FloorPlan>('POST', '/api/floor-plans', { area, floor: floor.trim(), name: name.trim() || t('plans.usualName') }).then(
      ({ id }) => go({ screen: 'plan', id }),
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        setProblem(error.problem);
      },
    );
  };
  return (
    <Dialog title={t('plans.add')} lead={t('plans.addLead')} className="window-dialog" onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <div className="field">
          <label htmlFor="plan-area">{t('plans.area')}</label>
          <span className="select">
            <select id="plan-area" data-first="" value={area} onChange={(event) => setArea(event.target.value)}>
              {areas.map((one) => (
                <option key={one.path} value={one.path}>
                  {areas.find(({ path }) => one.path.startsWith(`${path}/`))?.name ?? ''} {one.name}
                </option>
              ))}
            </select>
          </span>
        </div>
        <div className="field">
          <label htmlFor="plan-floor">{t('plans.floor')}</label>
          <input
            id="plan-floor"
            className="input"
            value={floor}
            maxLength={20}
            placeholder={t('plans.floorHint')}
            onChange={(event) => setFloor(event.target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor="plan-name">{t('plans.name')}</label>
          <input
            id="plan-name"
            className="input"
            value={name}
            maxLength={60}
            placeholder={t('plans.usualName')}
            onChange={(event) => setName(event.target.value)}
          />
        </div>
        {problem === null ? null : (
          <p className="wrong" role="alert">
            {text(problem.message)}
          </p>
        )}
        <Answers submit={t('plans.make')} cancel={t('app.cancel')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}
