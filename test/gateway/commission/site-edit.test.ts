import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { editSite } from '../../../gateway/commission/site-edit.ts';

const site = `# Basement of building 1
schema: yihu-site/1
devices:
  # The old one
  - { id: meter-1, profile: chint.ddsu666, port: meters, address: { unit: 1 } } # replaced in spring
  - id: meter-2
    profile: chint.ddsu666
`;
const added = {
  id: 'meter-3',
  name: '3 号表',
  profile: 'chint.ddsu666',
  port: 'meters',
  address: { unit: 3 },
  place: { room: '3' },
};

test('a device more: everything else stays as somebody wrote it', () => {
  const text = editSite(site, { add: added }) ?? '';
  for (const line of ['# Basement of building 1', '# The old one', '# replaced in spring']) expect(text).toContain(line);
  const { devices } = parse(text) as { devices: unknown[] };
  expect(devices).toHaveLength(3);
  expect(devices[2]).toEqual(added);
});

test('the first device of a site', () => {
  for (const empty of ['schema: yihu-site/1\n', 'schema: yihu-site/1\ndevices: []\n'])
    expect(parse(editSite(empty, { add: added }) ?? '')).toMatchObject({ devices: [added] });
});

test('a device less; one that is not there is said', () => {
  const text = editSite(site, { remove: 'meter-1' }) ?? '';
  expect((parse(text) as { devices: { id: string }[] }).devices.map(({ id }) => id)).toEqual(['meter-2']);
  expect(editSite(site, { remove: 'none' })).toBeNull();
});
