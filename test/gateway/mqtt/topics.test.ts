import { array, assert, constantFrom, property } from 'fast-check';
import { expect, test } from 'vitest';
import type { MqttDevice } from '../../../gateway/collect/mqtt/address.ts';
import { TopicIndex } from '../../../gateway/collect/mqtt/topics.ts';
import { device, smokeProfile } from './rig.ts';

function withFilter(id: string, filter: string): MqttDevice {
  const transport = { ...smokeProfile.transport, topics: { only: { filter, qos: 1 } } } as MqttDevice['profile']['transport'];
  return { ...device(id), profile: { ...smokeProfile, transport } };
}

/** The same question answered level by level, straight from MQTT 3.1.1 §4.7. */
function matches(filter: string, topic: string): boolean {
  const wanted = filter.split('/');
  const given = topic.split('/');
  for (const [at, name] of wanted.entries()) {
    if (name === '#') return true;
    if (at >= given.length || (name !== '+' && name !== given[at])) return false;
  }
  return wanted.length === given.length;
}

const levels = (...names: string[]) => array(constantFrom(...names), { minLength: 1, maxLength: 4 });

test('the index finds what a scan over all devices would find', () => {
  const filter = levels('a', 'b', '', '+', '#').map((names) => {
    const end = names.indexOf('#');
    return (end < 0 ? names : names.slice(0, end + 1)).join('/');
  });
  const topic = levels('a', 'b', '').map((names) => names.join('/'));
  assert(
    property(array(filter, { maxLength: 8 }), topic, (filters, asked) => {
      const devices = filters.map((each, i) => withFilter(`d${i}`, each));
      const found = new TopicIndex(devices).find(asked).map((target) => target.device.id);
      const scanned = devices.filter((_, i) => matches(filters[i] as string, asked)).map(({ id }) => id);
      expect(found.toSorted()).toEqual(scanned.toSorted());
    }),
    { numRuns: 2_000 },
  );
});

test('for one device the exact topic goes before the wildcard', () => {
  const topics = { any: { filter: 'z/{id}/#', qos: 1 }, state: { filter: 'z/{id}/state', qos: 1 } };
  const transport = { ...smokeProfile.transport, topics } as MqttDevice['profile']['transport'];
  const index = new TopicIndex([{ ...device('a'), profile: { ...smokeProfile, transport } }]);
  expect(index.find('z/a/state').map(({ channel }) => channel)).toEqual(['state']);
  expect(index.find('z/a/other').map(({ channel }) => channel)).toEqual(['any']);
  expect(index.find('z/b/state')).toEqual([]);
});
