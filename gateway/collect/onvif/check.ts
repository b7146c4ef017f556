import type { BoundDevice, ConfigProblem } from '../driver.ts';
import { type OnvifAddress, type OnvifPort, portOf } from './settings.ts';

/** Two devices on one camera would each take the other's room in it. */
export function check(_port: OnvifPort, devices: readonly BoundDevice<OnvifAddress>[]): ConfigProblem[] {
  const seen = new Map<string, string>();
  return devices.flatMap(({ id, address }) => {
    const place = `${address.host.toLowerCase()}:${portOf(address)}${address.path}`;
    const other = seen.get(place);
    seen.set(place, id);
    if (other === undefined) return [];
    return [
      {
        path: `devices.${id}.address.host`,
        zh: `设备 ${id} 和 ${other} 是同一台摄像机（${place}）。请删去一个。`,
        en: `Devices ${id} and ${other} are the same camera (${place}). Remove one of them.`,
      },
    ];
  });
}
