import { useState } from 'react';
import '../parts/plan.css';
import { PlanView } from '../parts/PlanView.tsx';
import { useWords } from '../words/language.ts';
import type { Where as Spot } from './where.ts';

/** A building by the number in its path; what has none is known by its place on the plan. */
function buildingOf(path: string): string {
  return /\/(\d+)$/.exec(path)?.[1] ?? '';
}

/** 位置: the device on the closest plan there is, near at first and the whole sheet at a press. */
export function Where({ where: { plan, alarm }, place }: { where: Spot; place: string }) {
  const { t, text } = useWords();
  const [isWhole, setIsWhole] = useState(false);
  const name = `${text(alarm.deviceName)} ${place}`;
  return (
    <figure className="look">
      <div className="look-frame where-frame">
        <PlanView
          plan={plan}
          label={t('look.where', { name, plan: plan.name })}
          areaOf={(path) => ({ name: buildingOf(path), standing: 'normal' })}
          deviceOf={(_, device) => ({ name, standing: device === alarm.device ? alarm.severity : 'none' })}
          marked={{ gateway: alarm.gateway, device: alarm.device }}
          close={!isWhole}
          {...(!isWhole && { letters: 0.05 })}
        />
      </div>
      <figcaption className="look-caption">
        <span className="look-camera">{plan.name}</span>
        <button
          type="button"
          className="button plain small look-steps"
          aria-pressed={isWhole}
          onClick={() => setIsWhole(!isWhole)}
        >
          {t('look.whole')}
        </button>
      </figcaption>
    </figure>
  );
}
