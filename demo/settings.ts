import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DemoFailure } from './failure.ts';
import { freePort, isFree } from './ports.ts';
import type { DemoPorts } from './site.ts';

export interface Settings extends DemoPorts {
  readonly web: number;
  readonly uplink: number;
  readonly provider: number;
}

/**
 * Ports are chosen once and kept, so that bookmarks and the gateway's identity stay good.
 * @throws DemoFailure where another program has come to hold one of them since
 */
export async function settingsIn(folder: string): Promise<Settings> {
  const file = join(folder, 'demo.json');
  if (existsSync(file)) return stillFree(JSON.parse(readFileSync(file, 'utf8')) as Settings);
  const settings: Settings = {
    web: await freePort(8600),
    uplink: await freePort(8883),
    local: await freePort(8610),
    mqtt: await freePort(1883),
    modbusTcp: await freePort(5020),
    modbusRtu: await freePort(5021),
    camera: await freePort(8620),
    provider: await freePort(8650),
  };
  writeFileSync(file, JSON.stringify(settings));
  return settings;
}

async function stillFree(settings: Settings): Promise<Settings> {
  const ports: number[] = Object.values(settings);
  const free = await Promise.all(ports.map(isFree));
  const taken = ports.filter((_, i) => free[i] !== true);
  if (taken.length === 0) return settings;
  const see = `ss -ltnp | grep -E '${taken.map((port) => `:${port} `).join('|')}'`;
  throw new DemoFailure(
    `本机端口 ${taken.join('、')} 被别的程序占着。看是谁：${see}；停掉它，或用 YIHU_DATA 另起一个数据目录。`,
    `Another program holds port ${taken.join(', ')} of this machine. See which: ${see}; stop it, or begin another data folder with YIHU_DATA.`,
  );
}
