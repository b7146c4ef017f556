import type { Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Interlock } from './act/acts.ts';
import { checkTogether } from './act/loops.ts';
import { Resolver } from './act/resolve.ts';
import type { LinkageRule } from './act/rule.ts';
import type { ConfiguredDevice } from './config.ts';
import type { Report } from './problems.ts';
import type { Frame } from './site-file.ts';

/** What the site file says of acting. */
export interface SiteLinkage {
  readonly linkage: readonly LinkageRule[];
  readonly interlocks: readonly Interlock[];
  /** 检修: devices that set nothing off and that linkage leaves alone. */
  readonly maintained: ReadonlySet<string>;
}

/** Checks linkage and interlocks against the devices, and against each other. */
export function bindLinkage(frame: Frame, devices: readonly ConfiguredDevice[], report: Report): SiteLinkage {
  const facts = devices.map(({ id, name, place, profile, overrides }) => ({
    id,
    name,
    place,
    profile,
    category: profile.category,
    severities: severitiesOf(overrides),
  }));
  const resolver = new Resolver(
    facts,
    frame.devices.flatMap((device) => (device ? [device.id] : [])),
  );
  const linkage = resolver.linkage(frame.linkage);
  const interlocks = resolver.interlocks(frame.interlocks);
  for (const { path, zh, en } of [...resolver.problems, ...checkTogether(linkage, facts)]) report.add([...path], zh, en);
  const maintained = frame.devices.flatMap((device) => (device?.maintenance ? [device.id] : []));
  return { linkage, interlocks, maintained: new Set(maintained) };
}

function severitiesOf(overrides: ConfiguredDevice['overrides']): Record<string, Severity> {
  return Object.fromEntries(
    Object.entries(overrides).flatMap(([alarm, { severity }]) => (severity === undefined ? [] : [[alarm, severity]])),
  );
}
