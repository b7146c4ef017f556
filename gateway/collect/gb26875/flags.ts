import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** One bit of a state, lowest bit 0: the key it has in a frame's fields, and what a 1 means. */
export interface Flag {
  readonly key: string;
  readonly on: Text;
}

/**
 * Bit 0 is for information only. Public readers disagree on what its 0 means (test or normal), and captured devices hold it
 * at 0 in normal service: nobody is told that a detector is under test because of it.
 */
const bit0: Flag = {
  key: 'bit0',
  on: { zh: '位 0 置位（正常或测试，极性有争议，仅供参考）', en: 'bit 0 set (normal or test, disputed, for information)' },
};

/** 部件运行状态 (8.2.1.2). */
export const partFlags: readonly Flag[] = [
  bit0,
  { key: 'fire', on: { zh: '火警', en: 'fire' } },
  { key: 'fault', on: { zh: '故障', en: 'fault' } },
  { key: 'shielded', on: { zh: '屏蔽', en: 'shielded' } },
  { key: 'supervised', on: { zh: '监管', en: 'supervisory' } },
  { key: 'started', on: { zh: '启动（开启）', en: 'started' } },
  { key: 'feedback', on: { zh: '反馈', en: 'feedback' } },
  { key: 'delayed', on: { zh: '延时', en: 'delayed' } },
  { key: 'powerFault', on: { zh: '电源故障', en: 'power fault' } },
];

/** 建筑消防设施系统状态 (8.2.1.1). */
export const systemFlags: readonly Flag[] = [
  bit0,
  { key: 'fire', on: { zh: '火警', en: 'fire' } },
  { key: 'fault', on: { zh: '故障', en: 'fault' } },
  { key: 'shielded', on: { zh: '屏蔽', en: 'shielded' } },
  { key: 'supervised', on: { zh: '监管', en: 'supervisory' } },
  { key: 'started', on: { zh: '启动（开启）', en: 'started' } },
  { key: 'feedback', on: { zh: '反馈', en: 'feedback' } },
  { key: 'delayed', on: { zh: '延时', en: 'delayed' } },
  { key: 'mainsFault', on: { zh: '主电故障', en: 'mains fault' } },
  { key: 'backupFault', on: { zh: '备电故障', en: 'backup power fault' } },
  { key: 'busFault', on: { zh: '总线故障', en: 'bus fault' } },
  { key: 'manual', on: { zh: '手动状态', en: 'manual mode' } },
  { key: 'configurationChanged', on: { zh: '配置改变', en: 'configuration changed' } },
  { key: 'reset', on: { zh: '复位', en: 'reset' } },
];

/** 用户信息传输装置运行状态 (8.2.1.8). Public readers disagree on bit 6; captured devices hold it at 0 in normal service. */
export const transmitterFlags: readonly Flag[] = [
  bit0,
  { key: 'fire', on: { zh: '火警', en: 'fire' } },
  { key: 'fault', on: { zh: '故障', en: 'fault' } },
  { key: 'mainsFault', on: { zh: '主电故障', en: 'mains fault' } },
  { key: 'backupFault', on: { zh: '备电故障', en: 'backup power fault' } },
  { key: 'channelFault', on: { zh: '与监控中心通信信道故障', en: 'channel to the centre faulty' } },
  { key: 'lineFault', on: { zh: '监测连接线路故障', en: 'monitored line faulty' } },
];

/** 操作标志 (8.2.1.4, 8.2.1.9); bit 5 is a confirmation at a system and the answer to 查岗 at a transmitter. */
const operations: readonly Flag[] = [
  { key: 'reset', on: { zh: '复位', en: 'reset' } },
  { key: 'mute', on: { zh: '消音', en: 'mute' } },
  { key: 'manual-alarm', on: { zh: '手动报警', en: 'manual alarm' } },
  { key: 'alarm-cancelled', on: { zh: '警情消除', en: 'alarm cancelled' } },
  { key: 'self-test', on: { zh: '自检', en: 'self-test' } },
];
const test: Flag = { key: 'test', on: { zh: '测试', en: 'test' } };
export const systemOperations: readonly Flag[] = [...operations, { key: 'confirm', on: { zh: '确认', en: 'confirmed' } }, test];
export const transmitterOperations: readonly Flag[] = [
  ...operations,
  { key: 'inspection-answered', on: { zh: '查岗应答', en: 'inspection answered' } },
  test,
];

/** The flags whose bit is set. */
export function setFlags(flags: readonly Flag[], bits: number): Flag[] {
  return flags.filter((_, position) => ((bits >> position) & 1) === 1);
}

/** Every flag by its key. */
export function flagFields(flags: readonly Flag[], bits: number): Record<string, boolean> {
  return Object.fromEntries(flags.map(({ key }, position) => [key, ((bits >> position) & 1) === 1]));
}
