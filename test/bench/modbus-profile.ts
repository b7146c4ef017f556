import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';

/** A Modbus profile with `points` f32 values in one block, read each second; written under `folder`, whose name is returned. */
export function modbusProfile(folder: string, points: number): string {
  mkdirSync(join(folder, 'bench'), { recursive: true });
  const names = Array.from({ length: points }, (_, i) => `p${i}`);
  const profile = {
    schema: 'yihu-profile/1',
    id: 'bench.modbus',
    version: '1.0.0',
    name: { zh: '压测电表', en: 'Load meter' },
    maker: { zh: '测试', en: 'Bench' },
    model: 'modbus',
    category: 'other',
    sources: ['made for the benchmark'],
    confidence: 'normalised',
    transport: { protocol: 'modbus', modes: ['tcp'], unitId: { default: 1 } },
    defaults: { table: 'holding' },
    groups: { fast: { every: '1s' } },
    availability: { offlineAfter: '1h' },
    points: Object.fromEntries(
      names.map((name, i) => [
        name,
        { name: { zh: `数值 ${name}`, en: `Value ${name}` }, unit: 'V', group: 'fast', at: i * 2, type: 'f32' },
      ]),
    ),
    alarms: {},
    vectors: [
      { name: 'one volt', origin: 'synthetic', given: { table: 'holding', start: 0, words: [0x3f80, 0] }, expect: { p0: 1 } },
    ],
  };
  writeFileSync(join(folder, 'bench', 'modbus.yaml'), stringify(profile));
  return basename(folder);
}
