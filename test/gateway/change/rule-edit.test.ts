import { expect, it } from 'vitest';
import { withRules } from '../../../gateway/change/rule-edit.ts';

const site = `# 1 号楼
schema: yihu-site/1
devices:
  - id: level-1 # 水池
    profile: generic.level
    alarms:
      high: { limit: 2.5, severity: major }
  - {id: level-2, profile: generic.level, name: 水池 2}
`;
const set = { limit: 3, clear: 2.5, forMs: 60_000 };

it('sets a limit where the device is, and leaves comments, severities and the rest alone', () => {
  const after = withRules(site, [{ device: 'level-1', alarm: 'high', set }]) ?? '';
  expect(after).toContain('# 1 号楼');
  expect(after).toContain('# 水池');
  expect(after).toContain('high: { limit: 3, severity: major, clear: 2.5, for: 60000ms }');
  expect(after).toContain('{ id: level-2, profile: generic.level, name: 水池 2 }');
});

it('sets several at once, also where nothing was set before', () => {
  const after = withRules(site, [
    { device: 'level-2', alarm: 'low', set },
    { device: 'level-2', alarm: 'high', set },
  ]);
  expect(after).toContain('low');
  expect(after?.match(/limit: 3/g)).toHaveLength(2);
});

it('takes back to the profile what it set, and nothing that somebody else did', () => {
  const back = [
    { device: 'level-1', alarm: 'high', set: null },
    { device: 'level-2', alarm: 'high', set: null },
  ];
  const after = withRules(withRules(site, [{ device: 'level-2', alarm: 'high', set }]) ?? '', back) ?? '';
  expect(after).toContain('high: { severity: major }');
  expect(after).not.toContain('limit');
  expect(after.match(/alarms/g)).toHaveLength(1);
});

it('says so where the device is not there any more', () => {
  expect(withRules(site, [{ device: 'gone', alarm: 'high', set }])).toBeNull();
  expect(withRules('schema: yihu-site/1\n', [{ device: 'level-1', alarm: 'high', set }])).toBeNull();
});
