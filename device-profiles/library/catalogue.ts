import type { Category, Profile } from '../vocabulary/profile.ts';
import { categories } from '../vocabulary/profile.ts';
import type { Text } from '../vocabulary/text.ts';

/** 类别 as people read it. */
export const categoryNames: Readonly<Record<Category, { readonly zh: string; readonly en: string }>> = {
  'meter.electricity': { zh: '电能表', en: 'Electricity meter' },
  'meter.water': { zh: '水表', en: 'Water meter' },
  'meter.gas': { zh: '燃气表', en: 'Gas meter' },
  'meter.heat': { zh: '热量表', en: 'Heat meter' },
  'sensor.temperature-humidity': { zh: '温湿度', en: 'Temperature and humidity' },
  'sensor.air': { zh: '空气与气象', en: 'Air and weather' },
  'sensor.noise': { zh: '噪声', en: 'Noise' },
  'sensor.gas': { zh: '可燃与有毒气体', en: 'Combustible and toxic gas' },
  'fire.smoke': { zh: '感烟探测', en: 'Smoke detector' },
  'fire.heat': { zh: '感温探测', en: 'Heat detector' },
  'fire.manual-call-point': { zh: '手动火灾报警', en: 'Manual call point' },
  'fire.water-pressure': { zh: '消防水压', en: 'Fire water pressure' },
  'fire.panel': { zh: '火灾报警控制器', en: 'Fire panel' },
  'fire.electrical': { zh: '电气火灾', en: 'Electrical fire monitor' },
  'fire.equipment': { zh: '消防设备', en: 'Fire equipment' },
  'water.leak': { zh: '漏水', en: 'Water leak' },
  'water.level': { zh: '水位', en: 'Water level' },
  'water.valve': { zh: '水阀', en: 'Water valve' },
  'manhole.cover': { zh: '井盖', en: 'Manhole cover' },
  'access.controller': { zh: '门禁', en: 'Access control' },
  'access.intercom': { zh: '可视对讲', en: 'Intercom' },
  'parking.plate-reader': { zh: '车牌识别与停车', en: 'Plate reader and parking' },
  camera: { zh: '摄像机', en: 'Camera' },
  'security.alarm-host': { zh: '报警主机', en: 'Alarm host' },
  'security.zone': { zh: '防区与门磁', en: 'Zone and contact' },
  'sos.button': { zh: '紧急按钮', en: 'SOS button' },
  'care.radar': { zh: '看护雷达', en: 'Care radar' },
  'lift.monitor': { zh: '电梯', en: 'Lift' },
  'ebike.charger': { zh: '电动车充电', en: 'E-bike charging' },
  'light.street': { zh: '路灯', en: 'Street light' },
  'io.module': { zh: '开关量模块', en: 'Input and output module' },
  'power.ups': { zh: '不间断电源', en: 'UPS' },
  'energy.inverter': { zh: '光伏逆变器', en: 'Inverter' },
  other: { zh: '其他', en: 'Other' },
};

/** One line of the catalogue. */
export interface CatalogueRow {
  readonly id: string;
  readonly name: Text;
  readonly category: Category;
  readonly maker: Text;
  readonly model: string;
  /** How it is spoken to; for Modbus with its framings. */
  readonly wire: string;
  readonly tier: string;
  readonly confidence: Profile['confidence'];
  readonly version: string;
  readonly vectors: number;
}

interface Loaded {
  readonly profile: Profile;
  readonly tier: string;
}

/** 设备目录: what the library holds, by class and then by id. */
export function catalogue(profiles: Iterable<Loaded>): CatalogueRow[] {
  const rows = [...profiles].map(({ profile, tier }): CatalogueRow => {
    const { id, name, category, maker, model, confidence, version, vectors } = profile;
    return { id, name, category, maker, model, wire: wireOf(profile), tier, confidence, version, vectors: vectors.length };
  });
  const place = (row: CatalogueRow): number => categories.indexOf(row.category);
  return rows.toSorted((a, b) => place(a) - place(b) || (a.id < b.id ? -1 : 1));
}

function wireOf({ transport, id }: Profile): string {
  const { protocol, modes } = transport;
  if (Array.isArray(modes)) return `${protocol} ${modes.join(' ')}`;
  return id.endsWith('.chirpstack') ? `${protocol} LoRaWAN` : protocol;
}

/** The catalogue as `docs/devices.md`. */
export function catalogueMarkdown(rows: readonly CatalogueRow[]): string {
  const classes = new Set(rows.map(({ category }) => category));
  const lines = rows.map(({ category, maker, model, wire, tier, confidence, id }) => {
    const { zh, en } = categoryNames[category];
    const makers = maker.en === undefined || maker.en === maker.zh ? maker.zh : `${maker.zh} ${maker.en}`;
    return `| ${[`${zh} ${en}`, makers, model, wire, tier, confidence, `\`${id}\``].join(' | ')} |`;
  });
  return `# 设备目录 Devices

${rows.length} 个档案，${classes.size} 类。由档案生成：\`npx yihu-gateway profile list --markdown\`。
${rows.length} profiles in ${classes.size} classes. Made from the files by the command above.

级别由最好的测试向量决定：synthetic 为 bronze，public 或 manual 为 silver，recorded 为 gold。依据：maker 厂商文档，community
开源读者，normalised 本项目约定的报文。
The tier is that of the best vector. Confidence: maker's documents, open-source readers, or messages of this project's own.

| 类别 class | 厂商 maker | 型号 model | 协议 wire | 级别 tier | 依据 confidence | 档案 profile |
|---|---|---|---|---|---|---|
${lines.join('\n')}
`;
}
