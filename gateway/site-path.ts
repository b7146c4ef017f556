import { createHash } from 'node:crypto';
import type { Reading } from '@yihu/device-profiles/vocabulary/reading.ts';
import { Acting } from './acting.ts';
import type { TrustedClock } from './clock-trust.ts';
import { CompiledDevices } from './compiled-devices.ts';
import { type ConfiguredDevice, type Site, inventoryEntry } from './config.ts';
import { limits } from './limits.ts';
import { type Pipeline, startPipeline } from './pipeline.ts';
import { type Log, StoreError } from './store/log.ts';
import { type Pseudonym, openPseudonym } from './privacy.ts';
import type { Snapshots } from './snapshot/snapshots.ts';
import { Timekeeper } from './timekeeper.ts';
import type { Troubles } from './troubles.ts';

/** What stands between the ports and the log. */
export interface SitePath {
  readonly pipeline: Pipeline;
  readonly acting: Acting;
  readonly timekeeper: Timekeeper;
  /**
   * Takes up another site, and tells the cloud its inventory. `leaving`: devices that are gone from it and stay for now,
   * unheard and not missed. @throws StoreError: then nothing is changed.
   */
  change(site: Site, leaving: readonly ConfiguredDevice[]): Promise<void>;
}

export interface SitePathOptions {
  /** As it is now; asked each time. */
  readonly site: () => Site;
  readonly clock: TrustedClock;
  readonly log: Log;
  /** What the log had kept when it was opened. */
  readonly saved: ReadonlyMap<string, string>;
  /** Null where there is no place for pictures. */
  readonly snapshots: Snapshots | null;
  readonly troubles: Troubles;
  /** Told of everything that is heard, before it is on disk. */
  readonly onHeard: (device: string, readings: readonly Reading[]) => void;
  /** The disk has failed for too long. */
  readonly onDead: (error: unknown) => void;
}

/** @throws StoreError where the disk takes nothing at the start. */
export async function openPath({
  site: siteNow,
  clock,
  log,
  saved,
  snapshots,
  troubles,
  onDead,
  onHeard,
}: SitePathOptions): Promise<SitePath> {
  const site = siteNow();
  const acting = new Acting({
    site: siteNow,
    log,
    clock,
    stamp: () => clock.stamp(),
    onTrouble: ({ device, zh, en, error }) => troubles.add(device ?? 'linkage', zh, en, error),
  });
  await acting.begin(saved);
  const made: { pipeline?: Pipeline } = {};
  const timekeeper = new Timekeeper({
    clock,
    saved,
    log,
    record: (records, keep) => made.pipeline?.record(records, keep) ?? Promise.resolve(),
    onTrouble: (zh, en, error) => troubles.add('clock', zh, en, error),
  });
  const pseudonym = await openPrivacy(site, troubles);
  const compiled = new CompiledDevices(pseudonym);
  const pipeline = await startPipeline({
    log,
    clock,
    stamps: clock,
    alsoKeep: (moved) => timekeeper.alsoKeep(moved),
    devices: compiled.of(site.devices),
    inventory: site.inventory,
    inventoryHash: site.inventoryHash,
    inventoryProfiles: site.inventoryProfiles,
    linkage: acting.linkage,
    onHeard: (device, readings) => {
      onHeard(device, readings);
      acting.acts.heard(device, readings);
    },
    besides: (record) => snapshots?.besides(record) ?? [],
    onKept: (records) => snapshots?.kept(records),
    onTrouble: ({ device, zh, en, error }) => {
      troubles.add(device ?? 'store', zh, en, error);
      const trouble = made.pipeline?.trouble();
      if (trouble && isBeyondPatience(trouble, clock.mono())) onDead(trouble.error);
    },
  });
  made.pipeline = pipeline;
  acting.take({ pipeline });
  timekeeper.start();
  const change = (to: Site, leaving: readonly ConfiguredDevice[]) =>
    pipeline.change(
      { ...inventoryWith(to, leaving), devices: compiled.of([...to.devices, ...leaving]) },
      new Set(leaving.map(({ id }) => id)),
    );
  return { pipeline, acting, timekeeper, change };
}

/** What the cloud is told while devices are leaving: they are not gone yet. */
function inventoryWith({ inventory, inventoryHash, inventoryProfiles }: Site, leaving: readonly ConfiguredDevice[]) {
  if (leaving.length === 0) return { inventory, inventoryHash, inventoryProfiles };
  const ids = leaving.map(({ id }) => id).join();
  return {
    inventory: [...inventory, ...leaving.map(inventoryEntry)],
    inventoryHash: `${inventoryHash.slice(0, 24)}+${createHash('sha256').update(ids).digest('hex').slice(0, 24)}`,
    inventoryProfiles,
  };
}

/** Without a key nobody could be told from anybody else: what is personal is then left out. */
async function openPrivacy({ data, privacy }: Site, troubles: Troubles): Promise<Pseudonym> {
  if (privacy === 'drop') return undefined;
  try {
    return await openPseudonym(data);
  } catch (error) {
    troubles.add(
      'privacy',
      '化名密钥读写不了，个人信息暂不记录。请检查数据目录里 privacy.key 的权限，然后重启网关。',
      'The key for pseudonyms cannot be used, so nothing personal is recorded. Check the permissions of privacy.key in the data folder, then start the gateway again.',
      error,
    );
    return undefined;
  }
}

/** A full or read-only disk may become free again; one that fails, or a store that died, needs a fresh start. */
function isBeyondPatience({ sinceMono, error }: { sinceMono: number; error: unknown }, mono: number): boolean {
  if (error instanceof StoreError && error.code !== 'io' && error.code !== 'closed') return false;
  return mono - sinceMono >= limits.ioPatienceMs;
}
