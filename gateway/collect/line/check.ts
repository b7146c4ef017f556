import type { ConfigProblem } from '../driver.ts';
import { heaviest, lineBudget } from './budget.ts';
import type { Dialect, SerialShape } from './dialect.ts';
import { dialectOf, dialects } from './dialects.ts';
import { isSameShape, shapeText } from './line-time.ts';
import { deviceShape, type LineDevice } from './plan.ts';
import { lineShape, type LinePort } from './settings.ts';

/** What serial adapters and devices have; anything else is a slip of the finger. */
const usualBauds = [
  300, 600, 1_200, 2_400, 4_800, 9_600, 14_400, 19_200, 28_800, 38_400, 56_000, 57_600, 76_800, 115_200, 128_000, 230_400,
  250_000, 256_000, 460_800, 500_000, 576_000, 921_600, 1_000_000,
];

/** What the schemas cannot see: each device against the line and its neighbours. */
export function checkLine(port: LinePort, devices: readonly LineDevice[]): ConfigProblem[] {
  const problems = [
    ...bauds(port, devices),
    ...lonelyFrame(port),
    ...shapes(port, devices),
    ...[...dialects.values()].flatMap((dialect) => dialect.check(devices.filter((device) => isOf(dialect, device)))),
  ];
  // A plan of something wrong is no plan.
  return problems.length > 0 ? problems : overload(port, devices);
}

function isOf(dialect: Dialect, { profile }: LineDevice): boolean {
  return dialectOf(profile) === dialect;
}

function bauds(port: LinePort, devices: readonly LineDevice[]): ConfigProblem[] {
  const given = [
    { path: 'baud', baud: port.baud },
    ...devices.map(({ id, address }) => ({ path: `devices.${id}.address.serial.baud`, baud: address.serial?.baud })),
  ];
  return given.flatMap(({ path, baud }) => {
    if (baud === undefined || usualBauds.includes(baud)) return [];
    const near = usualBauds.toSorted((a, b) => Math.abs(Math.log(a / baud)) - Math.abs(Math.log(b / baud)))[0] ?? 9_600;
    const typed = meantBaud(baud) ?? near;
    return [{ path, zh: `没有波特率 ${baud}。想写 ${typed}？`, en: `${baud} is no baud rate. Did you mean ${typed}?` }];
  });
}

/** 960 and 96000 are 9600 with a digit too few or too many. */
function meantBaud(baud: number): number | undefined {
  return usualBauds.find((usual) => [usual * 10, usual / 10, usual * 100].includes(baud) && usual >= 2_400);
}

function lonelyFrame(port: LinePort): ConfigProblem[] {
  if (port.baud !== undefined || (port.parity ?? port.stopBits ?? port.dataBits) === undefined) return [];
  return [
    {
      path: 'baud',
      zh: '写了校验位、停止位或数据位，却没有波特率（baud）。请补上，或全部去掉、由各设备的档案决定。',
      en: 'Parity, stop bits or data bits are given without a baud rate. Add baud, or leave all of them to the profiles.',
    },
  ];
}

/** Every device needs parameters; a serial server has one set of them, which we cannot change. */
function shapes(port: LinePort, devices: readonly LineDevice[]): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  let first: { device: LineDevice; shape: SerialShape } | undefined;
  for (const device of devices) {
    const shape = deviceShape(port, device);
    if (shape === undefined) {
      if (port.mode === 'serial') problems.push(noShape(device));
      continue;
    }
    const usual = lineShape(port) ?? first?.shape;
    if (port.mode !== 'serial' && usual !== undefined && !isSameShape(shape, usual)) problems.push(fixed(device, shape, usual));
    first ??= { device, shape };
  }
  return problems;
}

function noShape({ id, profile }: LineDevice): ConfigProblem {
  return {
    path: `devices.${id}.address`,
    zh: `档案 ${profile.id} 没有串口参数，端口也没有。请在端口写 baud，或在设备写 serial: {baud: …}。`,
    en: `Neither profile ${profile.id} nor the port says the serial settings. Give the port a baud, or the device serial: {baud: …}.`,
  };
}

function fixed({ id }: LineDevice, shape: SerialShape, usual: SerialShape): ConfigProblem {
  const [own, line] = [shapeText(shape), shapeText(usual)];
  return {
    path: `devices.${id}.address`,
    zh: `这台设备要 ${own}，线路是 ${line}，而串口服务器或 DTU 的参数不能由网关切换。请把设备都设成同一参数，并在端口写明 baud；或改用直连串口。`,
    en: `This device wants ${own} and the line has ${line}, which the gateway cannot change on a serial server or DTU. Set all devices alike and say baud on the port, or use a serial port of the gateway.`,
  };
}

function overload(port: LinePort, devices: readonly LineDevice[]): ConfigProblem[] {
  const budget = lineBudget(port, devices);
  if (budget === undefined || budget.msPerSecond <= 1_000) return [];
  const percent = Math.round(budget.msPerSecond / 10);
  const most = heaviest(budget);
  return [
    {
      path: '',
      zh: `线路时间不够：轮询每秒要占 ${Math.round(budget.msPerSecond)} 毫秒（${percent}%）。最多的是 ${most}。请放慢周期、提高波特率，或分到两条线上。`,
      en: `The line has not enough time: its polls need ${Math.round(budget.msPerSecond)} ms of each second (${percent} %). Most is for ${most}. Poll more slowly, raise the baud rate, or use two lines.`,
    },
  ];
}
