import { diagnose } from '../commission/diagnose.ts';
import { handoverOf } from '../commission/handover.ts';
import { zipOf } from '../commission/zip.ts';
import type { Parts } from '../main.ts';
import { evidenceOf } from '../service.ts';
import { version } from '../version.ts';

/** 交付资料 as one file, as `yihu-gateway export` leaves it in a folder. */
export async function exportOf(parts: Parts): Promise<{ name: string; zip: Buffer }> {
  const site = parts.site();
  const at = parts.clock.now();
  const found = new Map(
    site.devices.map((device) => {
      const evidence = evidenceOf(parts, device);
      return [device.id, { state: diagnose(evidence).cause, lastSeen: evidence.heardAt }] as const;
    }),
  );
  const files = await handoverOf(site, (device) => found.get(device), { at, version });
  const day = new Date(at).toISOString().slice(0, 10);
  return { name: `${site.gateway.id}-${day}.zip`, zip: zipOf(files, at) };
}
