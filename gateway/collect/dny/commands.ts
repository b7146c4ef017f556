import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** 命令, as the maker's public protocol papers name them; others are kept with their number. */
export const commandNames: Readonly<Record<number, Text>> = {
  0x01: { zh: '设备心跳（旧版）', en: 'heartbeat (old)' },
  0x02: { zh: '刷卡', en: 'card shown' },
  0x03: { zh: '结算', en: 'charge settled' },
  0x04: { zh: '订单确认（旧版）', en: 'order confirmed (old)' },
  0x05: { zh: '请求升级', en: 'asks for firmware' },
  0x06: { zh: '端口充电功率', en: 'power at a port' },
  0x11: { zh: '主机心跳', en: "host's heartbeat" },
  0x12: { zh: '主机获取时间', en: 'host asks for the time' },
  0x17: { zh: '主机状态', en: "host's state" },
  0x20: { zh: '设备注册', en: 'registration' },
  0x21: { zh: '设备心跳', en: 'heartbeat' },
  0x22: { zh: '设备获取时间', en: 'asks for the time' },
  0x35: { zh: '分机版本', en: 'versions behind a host' },
  0x41: { zh: '充电柜心跳', en: "cabinet's heartbeat" },
  0x42: { zh: '报警推送', en: 'alarm' },
  0x43: { zh: '充电完成（未结算）', en: 'charge complete, not settled' },
  0x44: { zh: '端口推送', en: 'notice of a port' },
  0x81: { zh: '查询状态', en: 'query' },
  0x82: { zh: '开始或停止充电', en: 'start or stop charging' },
  0x96: { zh: '声光寻找', en: 'locate' },
};

/** 端口状态, in heartbeats. */
export const portStates: Readonly<Record<number, { readonly key: string; readonly name: Text }>> = {
  0x00: { key: 'idle', name: { zh: '空闲', en: 'idle' } },
  0x01: { key: 'charging', name: { zh: '充电中', en: 'charging' } },
  0x02: { key: 'plugged', name: { zh: '有充电器，未启动', en: 'plugged in, not started' } },
  0x03: { key: 'full', name: { zh: '已充满', en: 'full' } },
  0x04: { key: 'unmetered', name: { zh: '无法计量', en: 'cannot be metered' } },
  0x05: { key: 'floating', name: { zh: '浮充', en: 'floating charge' } },
  0x06: { key: 'memory-fault', name: { zh: '存储器损坏', en: 'memory faulty' } },
  0x07: { key: 'socket-stuck', name: { zh: '插座弹片卡住', en: 'socket contact stuck' } },
  0x08: { key: 'bad-contact', name: { zh: '接触不良或熔断器断', en: 'bad contact or fuse blown' } },
  0x09: { key: 'relay-stuck', name: { zh: '继电器粘连', en: 'relay stuck' } },
  0x0a: { key: 'sensor-fault', name: { zh: '插入检测传感器损坏', en: 'plug sensor faulty' } },
  0x0b: { key: 'relay-open', name: { zh: '继电器坏或熔断器断', en: 'relay or fuse open' } },
  0x0d: { key: 'short-circuit', name: { zh: '负载短路', en: 'load short-circuited' } },
  0x0e: { key: 'relay-stuck-checked', name: { zh: '继电器粘连（预检）', en: 'relay stuck (checked)' } },
  0x0f: { key: 'card-reader-fault', name: { zh: '刷卡芯片损坏', en: 'card reader faulty' } },
  0x10: { key: 'circuit-fault', name: { zh: '检测电路故障', en: 'sensing circuit faulty' } },
};

/** 推送类型 of 0x42. */
export const alarmKinds: Readonly<Record<number, { readonly key: string; readonly name: Text }>> = {
  1: { key: 'power-cut', name: { zh: '断电', en: 'power cut' } },
  2: { key: 'water', name: { zh: '水浸', en: 'water' } },
  3: { key: 'extinguisher', name: { zh: '热熔胶触发', en: 'fusible link released' } },
  4: { key: 'smoke', name: { zh: '烟感报警', en: 'smoke' } },
  5: { key: 'heat', name: { zh: '温感报警', en: 'heat' } },
  6: { key: 'water-level', name: { zh: '水位报警', en: 'water level' } },
  7: { key: 'cabinet-open', name: { zh: '柜门弹开', en: 'cabinet door open' } },
};

/** 停止原因 of 0x03 and 0x43. */
export const stopReasons: Readonly<Record<number, { readonly key: string; readonly name: Text }>> = {
  0x01: { key: 'full', name: { zh: '充满自停', en: 'full' } },
  0x02: { key: 'longest-time', name: { zh: '达到最大时长', en: 'longest time reached' } },
  0x03: { key: 'preset-time', name: { zh: '达到预设时间', en: 'preset time reached' } },
  0x04: { key: 'preset-energy', name: { zh: '达到预设电量', en: 'preset energy reached' } },
  0x05: { key: 'unplugged', name: { zh: '用户拔出', en: 'unplugged' } },
  0x06: { key: 'overload', name: { zh: '负载过大', en: 'overload' } },
  0x07: { key: 'by-server', name: { zh: '平台停止', en: 'stopped by the server' } },
  0x08: { key: 'overload-dynamic', name: { zh: '动态过载', en: 'dynamic overload' } },
  0x09: { key: 'low-power', name: { zh: '功率过小', en: 'power too low' } },
  0x0a: { key: 'ambient-hot', name: { zh: '环境温度过高', en: 'too hot around it' } },
  0x0b: { key: 'port-hot', name: { zh: '端口温度过高', en: 'port too hot' } },
  0x0c: { key: 'over-current', name: { zh: '过流', en: 'over-current' } },
  0x10: { key: 'water', name: { zh: '水浸断电', en: 'water' } },
  0x11: { key: 'extinguished-here', name: { zh: '灭火（本端口）', en: 'fire put out at this port' } },
  0x12: { key: 'extinguished-elsewhere', name: { zh: '灭火（其他端口）', en: 'fire put out at another port' } },
  0x18: { key: 'fire-system', name: { zh: '消防系统触发停止', en: 'stopped by the fire system' } },
  0x1a: { key: 'over-voltage', name: { zh: '过压', en: 'over-voltage' } },
  0x1b: { key: 'under-voltage', name: { zh: '欠压', en: 'under-voltage' } },
};

/** 设备识别码: the first byte of a physical id. */
export const deviceKinds: Readonly<Record<string, Text>> = {
  '03': { zh: '单路插座', en: 'single socket' },
  '04': { zh: '双路插座', en: 'double socket' },
  '05': { zh: '10 路充电桩', en: '10-port pile' },
  '06': { zh: '16 路充电桩', en: '16-port pile' },
  '07': { zh: '12 路充电桩', en: '12-port pile' },
  '09': { zh: '主机', en: 'host' },
  '0a': { zh: '漏保主机', en: 'host with residual current breaker' },
};
