import { join } from 'node:path';
import { Pushes } from './change/pushes.ts';
import type { Changes } from './change/changes.ts';
import type { TrustedClock } from './clock-trust.ts';
import type { LiveSite } from './live-site.ts';
import type { Pipeline } from './pipeline.ts';
import type { Troubles } from './troubles.ts';
import { loadIdentity } from './uplink/identity.ts';
import type { UplinkSlot } from './uplink-slot.ts';

export interface PushParts {
  readonly clock: TrustedClock;
  readonly live: LiveSite;
  readonly changes: Changes;
  readonly pipeline: Pick<Pipeline, 'record'>;
  readonly troubles: Troubles;
  readonly uplink: UplinkSlot;
}

/** Pushes of the cloud, as changes of the running site. Begun after what an earlier run left behind was reported. */
export function openPushes({ clock, live, changes, pipeline, troubles, uplink }: PushParts): Pushes {
  const { data } = live.site();
  return new Pushes({
    clock,
    site: live.site,
    siteKey: async () => (await loadIdentity(join(data, 'identity')))?.siteKey,
    submit: (request) => changes.submit(request),
    changeState: () => changes.state(),
    record: (step) => pipeline.record([{ kind: 'change', ...clock.stamp(), ...step }], []),
    connection: () => {
      const link = uplink.uplink;
      return link?.state().wire === 'connected' ? link.counters().connects : null;
    },
    say: (said) => uplink.uplink?.say('site', JSON.stringify(said)) ?? false,
    onTrouble: ({ zh, en }, error) => troubles.add('push', zh, en, error),
  }).start();
}
