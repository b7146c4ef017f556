import { type FormEvent, useMemo, useState } from 'react';
import { type Hazard, hazards } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import { call, isApiError } from '../client/api.ts';
import { cloudNow } from '../client/clock.ts';
import { newKey } from '../client/key.ts';
import { Answers } from '../parts/Answers.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { useWords } from '../words/language.ts';
import { namedAreas } from './area-names.ts';
import { useEstate } from './estate.ts';
import { type LocalTime, localTimeOf, momentOf } from './local-time.ts';
import { MomentField } from './MomentField.tsx';
import { Wrongs } from './Wrongs.tsx';

const hour = 3_600_000;
const longestName = 80;
const lengths = [1, 2, 4, 8, 24];

interface Plan {
  name: string;
  reason: string;
  area: string;
  hazards: readonly Hazard[];
  begins: LocalTime;
  hours: number;
}

interface Props {
  /** What is under repair, where it is one device: nothing else in its area falls silent. */
  device?: { readonly gateway: string; readonly id: string; readonly area: string; readonly label: string };
  onClose: () => void;
  onPlanned: () => void;
}

/** Plans a window: what is worked on, where, from when and for how long. One key for the form, so that a second press plans nothing more. */
export function WindowDialog({ device, onClose, onPlanned }: Props) {
  const { t } = useWords();
  const known = useEstate((estate) => estate.overview?.areas);
  const areas = useMemo(() => namedAreas(known ?? []), [known]);
  const [key] = useState(newKey);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [missing, setMissing] = useState(false);
  const [plan, setPlan] = useState<Plan>(() => ({
    name: device?.label.slice(0, longestName) ?? '',
    reason: '',
    area: device?.area ?? '',
    hazards: [],
    begins: localTimeOf(cloudNow()),
    hours: 2,
  }));
  const change = (part: Partial<Plan>) => setPlan((before) => ({ ...before, ...part }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const startsAt = momentOf(plan.begins);
    if (plan.name.trim() === '' || plan.reason.trim() === '' || plan.area === '' || Number.isNaN(startsAt))
      return setMissing(true);
    const body = {
      name: plan.name.trim(),
      reason: plan.reason.trim(),
      areas: [plan.area],
      ...(device === undefined ? {} : { devices: [`${device.gateway}/${device.id}`] }),
      hazards: plan.hazards,
      startsAt,
      endsAt: startsAt + plan.hours * hour,
      key,
    };
    call('POST', '/api/maintenance-windows', body).then(
      () => {
        onPlanned();
        onClose();
      },
      (error: unknown) => {
        if (!isApiError(error)) throw error;
        setProblem(error.problem);
      },
    );
  };
  const toggle = (kind: Hazard) =>
    change({ hazards: plan.hazards.includes(kind) ? plan.hazards.filter((one) => one !== kind) : [...plan.hazards, kind] });
  return (
    <Dialog title={t('windows.plan')} lead={t('windows.planLead')} className="window-dialog" onClose={onClose}>
      <form className="bare" onSubmit={submit}>
        <Line
          id="window-name"
          label={t('windows.name')}
          value={plan.name}
          first={device === undefined}
          onChange={(name) => change({ name })}
        />
        <Line
          id="window-reason"
          label={t('windows.reason')}
          value={plan.reason}
          first={device !== undefined}
          onChange={(reason) => change({ reason })}
        />
        {device === undefined ? (
          <div className="field">
            <label htmlFor="window-area">{t('windows.area')}</label>
            <span className="select">
              <select id="window-area" value={plan.area} onChange={(event) => change({ area: event.target.value })}>
                <option value="">{t('windows.chooseArea')}</option>
                {areas.map(({ path, name }) => (
                  <option key={path} value={path}>
                    {name}
                  </option>
                ))}
              </select>
            </span>
          </div>
        ) : (
          <p className="quiet">{t('windows.oneDevice', { device: device.label })}</p>
        )}
        <div className="window-times">
          <div className="field">
            <label htmlFor="window-day">{t('windows.start')}</label>
            <MomentField id="window-day" value={plan.begins} onChange={(begins) => change({ begins })} />
          </div>
          <fieldset className="choices" aria-label={t('windows.length')}>
            {lengths.map((hours) => (
              <label key={hours} className="choice">
                <input type="radio" name="hours" checked={plan.hours === hours} onChange={() => change({ hours })} />
                <span>{t('windows.hours', { count: hours })}</span>
              </label>
            ))}
          </fieldset>
        </div>
        <fieldset className="choices" aria-label={t('windows.kinds')}>
          <legend className="quiet">{t('windows.kinds')}</legend>
          {hazards.map((kind) => (
            <label key={kind} className="choice">
              <input type="checkbox" checked={plan.hazards.includes(kind)} onChange={() => toggle(kind)} />
              <span>{t(`hazard.${kind}`)}</span>
            </label>
          ))}
        </fieldset>
        <Wrongs missing={missing ? t('windows.missing') : null} problem={problem} />
        <Answers submit={t('windows.submit')} cancel={t('app.cancel')} onCancel={onClose} />
      </form>
    </Dialog>
  );
}

interface LineProps {
  id: string;
  label: string;
  value: string;
  first?: boolean;
  onChange: (value: string) => void;
}

function Line({ id, label, value, first = false, onChange }: LineProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        value={value}
        maxLength={longestName}
        autoComplete="off"
        data-first={first ? '' : undefined}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && event.nativeEvent.isComposing) event.preventDefault();
        }}
      />
    </div>
  );
}
