import { z } from 'zod';
import { Point } from './point.ts';
import { Category, type Profile } from './profile.ts';
import { Severity } from './severity.ts';
import { Text } from './text.ts';

const ShownPoint = Point.pick({ name: true, unit: true, kind: true, enum: true }).strict();

const ShownRule = z.strictObject({
  name: Text,
  severity: Severity,
  point: z.string().max(64).optional(),
  above: z.number().optional(),
  below: z.number().optional(),
});

/** 档案摘要: of a profile, what screens need to name and draw the device; nothing of how it is read. */
export const SiteProfile = z.strictObject({
  id: z.string().max(64),
  name: Text,
  maker: Text,
  model: z.string().max(64),
  category: Category,
  points: z.record(z.string().max(64), ShownPoint).refine((points) => Object.keys(points).length <= 1024, 'too many points'),
  alarms: z.record(z.string().max(64), ShownRule).refine((rules) => Object.keys(rules).length <= 256, 'too many rules'),
  events: z.record(z.string().max(64), Text).refine((events) => Object.keys(events).length <= 1024, 'too many events'),
});
export type SiteProfile = z.output<typeof SiteProfile>;

/** What is shown of a profile. Two profiles that show the same give the same JSON. */
export function siteProfile(profile: Profile): SiteProfile {
  const { id, name, maker, model, category, events } = profile;
  const points = mapped(profile.points, ({ name, unit, kind, enum: names }) => ({
    name,
    unit,
    kind,
    ...(names ? { enum: names } : {}),
  }));
  const alarms = mapped(profile.alarms, (rule) => ({
    name: rule.name,
    severity: rule.severity,
    ...('point' in rule ? { point: rule.point } : {}),
    ...('above' in rule ? { above: rule.above } : {}),
    ...('below' in rule ? { below: rule.below } : {}),
  }));
  return { id, name, maker, model, category, points, alarms, events };
}

function mapped<In, Out>(record: Readonly<Record<string, In>>, change: (value: In) => Out): Record<string, Out> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
