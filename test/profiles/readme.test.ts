import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadText } from '@yihu/device-profiles/library/load.ts';
import { expect, it } from 'vitest';
import { proveProfile } from '../../gateway/prove.ts';

const readme = await readFile(join(import.meta.dirname, '../../device-profiles/README.md'), 'utf8');
const examples = [...readme.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
const [first = '', second = ''] = examples;
const problems = (text: string, file: string) => {
  const loaded = loadText(text, file, { prove: proveProfile });
  return 'problems' in loaded ? loaded.problems.map(({ line, path, en }) => `${line} ${path}: ${en}`) : [];
};

it('the first example of the README is a profile that loads', () => expect(problems(first, 'acme/meter.yaml')).toEqual([]));

it('the second is one when it has a head, points and a vector', () => {
  const head = first
    .slice(0, first.indexOf('transport:'))
    .replace('acme.meter', 'acme.sensor')
    .replace('meter.electricity', 'sensor.air');
  const tail = `
availability: {offlineAfter: 25h}
points:
  battery: {name: {zh: 电量, en: Battery charge}, unit: "%"}
  pm: {name: {zh: PM2.5, en: PM2.5}, unit: ug/m3}
  leak: {name: {zh: 漏水, en: Leak}, kind: state}
vectors:
  - name: bytes
    origin: synthetic
    at: "2026-01-01T00:00:05Z"
    given: {channel: up, json: {time: "2026-01-01T00:00:00Z", fPort: 85, data: AXVkIM5wq1VpCgA=}}
    expect: {battery: 100}
    history: [{at: "2025-12-31T23:02:08Z", expect: {pm: 10}}]
  - {name: word, origin: synthetic, given: {channel: up, text: wet}, expect: {leak: true}}
`;
  expect(problems(head + second + tail, 'acme/sensor.yaml')).toEqual([]);
});

it('so is the one of an HTTP device', () => {
  const http = examples.find((example) => example.includes('protocol: http-event')) ?? '';
  const head = first
    .slice(0, first.indexOf('transport:'))
    .replace('acme.meter', 'acme.door')
    .replace('meter.electricity', 'access.controller');
  const tail = `
availability: {offlineAfter: 5m}
points: {}
maps: {types: {"1": {type: door.opened, name: {zh: 门打开, en: Door opened}}}}
events: {door.opened: {zh: 门打开, en: Door opened}}
vectors:
  - name: posted
    origin: synthetic
    at: "2026-01-01T00:00:05Z"
    given: {wire: http, text: "POST /ingest/acme/k HTTP/1.1\\n\\n{\\"type\\":1,\\"serialNo\\":7,\\"time\\":\\"2026-01-01T00:00:04Z\\",\\"door\\":2}"}
    events: [{type: door.opened, code: "1", serial: "7", data: {door: 2}}]
`;
  expect(problems(head + http + tail, 'acme/door.yaml')).toEqual([]);
});
