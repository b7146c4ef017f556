import { z } from 'zod';
import type { DriverContext, Driver, RunningPort } from '../driver.ts';
import { chanceFrom } from '../poll/chance.ts';
import { newCounters } from '../poll/counters.ts';
import type { Problem, WireState } from '../poll/outcome.ts';
import { Poller, type Polled } from '../poll/poller.ts';
import { addressSchema } from './address.ts';
import { heaviest, lineBudget } from './budget.ts';
import { type LineBus } from './bus.ts';
import { checkLine } from './check.ts';
import type { Ask } from './dialect.ts';
import { dialectOf, dialects } from './dialects.ts';
import { openLine } from './open.ts';
import { deviceShape, type LineDevice, pollsOf } from './plan.ts';
import { type LineAddress, LinePort } from './settings.ts';

type Context = DriverContext<LinePort, LineAddress>;

/** 串行总线: one RS-485 line with one owner, whatever dialects its devices speak and however its bytes come here. */
export const driver: Driver<LinePort, LineAddress> = {
  name: 'line',
  protocols: [...dialects.keys()],
  port: LinePort,
  address: z.looseObject({}),
  addressOf(protocol) {
    const dialect = dialects.get(protocol);
    if (dialect === undefined) throw new Error(`no dialect speaks ${protocol}`);
    return addressSchema(dialect);
  },
  check: checkLine,
  holds,
  budget: lineBudget,
  start: (context) => Promise.resolve(start(context)),
};

function holds(port: LinePort): string {
  switch (port.mode) {
    case 'serial':
      return port.path;
    case 'tcp':
      return `${port.host}:${port.port}`;
    case 'dial-in':
      return `${port.listen} ${Buffer.from(port.registration).toString('hex')}`;
  }
}

function start(context: Context): RunningPort {
  const { port, devices, clock, log } = context;
  const counters = newCounters();
  const line = openLine({
    port,
    shape: devices.map((device) => deviceShape(port, device)).find((shape) => shape !== undefined),
    clock,
    chance: chanceFrom(`${context.id} ${clock.now()}`),
    counters,
    broke: (error) => log.error({ err: error }, 'an answer broke its dialect'),
  });
  const notes = standingNotes(context);
  const poller = new Poller<Ask>({
    context,
    counters,
    devices: devices.map((device) => polled(context, device, line.bus)),
    wires: () => wireState(line.bus, notes, line.refusals()),
    close: () => line.stop(),
  });
  poller.start();
  return poller;
}

function polled({ port, clock, folder }: Context, device: LineDevice, bus: LineBus): Polled<Ask> {
  const dialect = dialectOf(device.profile);
  const timing = dialect.timing(device);
  const tell = dialect.init?.(device) ?? [];
  const polls = pollsOf(port, device);
  const some = polls[0]?.reads[0] ?? tell[0];
  return {
    id: device.id,
    profile: `${device.profile.id}@${device.profile.version}`,
    bus,
    key: some?.first().slave ?? device.id,
    timeoutMs: port.timeoutMs ?? timing.timeoutMs,
    retries: timing.retries,
    gapMs: timing.gapMs,
    shape: deviceShape(port, device),
    polls,
    tell,
    act: (act) => {
      const said = dialect.act?.(device, act, { at: clock.now(), folder: folder ?? '.' });
      if (said !== undefined) return said;
      return { refused: { code: 'no-commands', zh: '这种设备没有可执行的命令。', en: 'Such a device takes no commands.' } };
    },
  };
}

function wireState(bus: LineBus, standing: readonly Problem[], refused: WireState['refused']): WireState {
  const note = bus.note();
  return {
    wire: bus.wire(),
    reason: bus.problem() ?? note,
    notes: note === undefined ? standing : [note, ...standing],
    refused,
  };
}

/** A share of the line's time from which on people should know of it. */
const nearlyFull = 800;

/** What is true of the port for as long as it runs. */
function standingNotes({ port, devices }: Context): Problem[] {
  const notes: Problem[] = [];
  const budget = lineBudget(port, devices);
  if (budget !== undefined && budget.likelyMsPerSecond > nearlyFull) {
    const percent = Math.round(budget.likelyMsPerSecond / 10);
    notes.push({
      zh: `线路时间预计占用 ${percent}%：周期长的点位会晚到。最多的是 ${heaviest(budget)}。`,
      en: `The polls will likely take ${percent} % of the line's time: points with long periods come late. Most is for ${heaviest(budget)}.`,
    });
  }
  if (port.mode === 'serial' && /^\/dev\/tty(USB|ACM)\d+$/.test(port.path))
    notes.push({
      zh: `${port.path} 在拔插后可能变成另一个转换器。请改用 /dev/serial/by-id/ 下的名字。`,
      en: `${port.path} may be another adapter after it was unplugged. Use its name under /dev/serial/by-id/.`,
    });
  return notes;
}
