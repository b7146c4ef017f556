import { loadLibrary } from '@yihu/device-profiles/library/load.ts';
import { LogRecord } from '@yihu/device-profiles/vocabulary/record.ts';
import { expect, it } from 'vitest';
import { siteProfiles } from '../../gateway/inventory.ts';

it('tells of every profile in use once, with the points of all its variants, in a form the cloud takes', async () => {
  const { profiles } = await loadLibrary();
  const all = [...profiles.values()].map(({ profile }) => profile);
  const [first] = all;
  if (!first) throw new Error('the library is empty');
  const [[id, point] = ['', undefined]] = Object.entries(first.points);
  if (!point) throw new Error(`${first.id} has no points`);
  const variant = { ...first, points: { extra: point } };
  const told = siteProfiles([...all, first, variant]);
  expect(told.map((profile) => profile.id)).toEqual(all.map((profile) => profile.id));
  expect(told[0]?.points).toMatchObject({ extra: { unit: point.unit }, [id]: { name: point.name } });
  // Nothing of how it is read leaves the gateway with it.
  expect(Object.keys(told[0]?.points[id] ?? {}).every((key) => ['name', 'unit', 'kind', 'enum'].includes(key))).toBe(true);
  const record = { kind: 'site', at: 1, hash: 'h', devices: [], profiles: told };
  expect(LogRecord.parse(JSON.parse(JSON.stringify(record)))).toEqual(JSON.parse(JSON.stringify(record)));
});
