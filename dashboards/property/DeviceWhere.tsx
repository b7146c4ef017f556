import type { DevicePlan } from '@yihu/device-profiles/vocabulary/floor-plan.ts';
import type { DeviceDetail } from '@yihu/device-profiles/vocabulary/view.ts';
import { useIsStale } from '../client/pulse.ts';
import { PlanView } from '../parts/PlanView.tsx';
import { standingOfDevice } from '../parts/standing.ts';
import { useWords } from '../words/language.ts';
import { Link } from './Link.tsx';
import { useAreaOf } from './Plans.tsx';
import { useReading } from './reading.ts';
import './plans.css';

/** Where the device is, on the closest plan there is; nothing where none shows it. */
export default function DeviceWhere({ device }: { device: DeviceDetail }) {
  const { t, text } = useWords();
  const { gateway, id } = device;
  const address = `/api/devices/${encodeURIComponent(gateway)}/${encodeURIComponent(id)}/floor-plan`;
  const plan = useReading<DevicePlan>(address).value?.plan ?? null;
  const areaOf = useAreaOf();
  const isStale = useIsStale();
  if (plan === null) return null;
  // While nothing is heard, only an alarm is still one.
  const own = isStale && device.worst === null ? 'unknown' : standingOfDevice(device);
  const name = `${text(device.name)} ${device.placeText}`;
  return (
    <section className="sheet device-where" aria-labelledby="where-title">
      <h2 id="where-title">
        <Link to={{ screen: 'plan', id: plan.id }}>{plan.name}</Link>
      </h2>
      <div className="plan-thumb">
        <PlanView
          plan={plan}
          label={t('plans.where', { name, plan: plan.name })}
          areaOf={areaOf}
          deviceOf={(_gateway, which) => ({ name, standing: which === id ? own : 'none' })}
          marked={{ gateway, device: id }}
          close
          letters={0.05}
        />
      </div>
    </section>
  );
}
