import { Duration } from '@yihu/device-profiles/vocabulary/duration.ts';
import { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { z } from 'zod';
import type { Clock, Timer } from '../clock.ts';
import { SimulationError } from './device.ts';
import { type Fault, faultNamed, faultNames } from './faults.ts';
import type { Simulator } from './simulator.ts';

export const FaultWord = z.string().transform((text, context): Fault => {
  const fault = faultNamed(text);
  if (fault !== undefined) return fault;
  context.addIssue({ code: 'custom', message: `there is no fault ${text}` });
  return z.NEVER;
});

/**
 * As a line: `set <device> <point> <value|auto>`, `fire <device> <event>`, `fault <device> <fault|none> [10%] [for 30s]`,
 * `list`.
 */
export const Command = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('set'), device: z.string(), point: z.string(), value: Value }),
  z.strictObject({
    do: z.literal('fire'),
    device: z.string(),
    event: z.string(),
    data: z.record(z.string(), Value).optional(),
  }),
  z.strictObject({
    do: z.literal('fault'),
    device: z.string(),
    fault: FaultWord.nullable(),
    /** Of the exchanges. */
    part: z.number().gt(0).max(1).optional(),
    forMs: z.number().int().positive().optional(),
  }),
  z.strictObject({ do: z.literal('list') }),
]);
export type Command = z.output<typeof Command>;

/** Throws SimulationError for a line that is no command. */
export function parseCommand(line: string): Command {
  const [verb, device, third, ...rest] = line.trim().split(/\s+/);
  if (verb === 'list') return { do: 'list' };
  if (verb === 'set' && device && third && rest.length > 0)
    return { do: 'set', device, point: third, value: valueOf(rest.join(' ')) };
  if (verb === 'fire' && device && third) return { do: 'fire', device, event: third };
  if (verb === 'fault' && device && third) return { do: 'fault', device, fault: faultOf(third), ...limitsOf(rest.join(' ')) };
  throw new SimulationError(
    `看不懂“${line}”。可用：set 设备 点位 值（auto 恢复自动）、fire 设备 事件、fault 设备 ${Object.keys(faultNames).join('|')}|none [10%] [for 30s]、list`,
    `"${line}" is no command. There are: set DEVICE POINT VALUE (auto gives it back), fire DEVICE EVENT, fault DEVICE ${Object.keys(faultNames).join('|')}|none [10%] [for 30s], list`,
  );
}

function valueOf(text: string): Value {
  if (text === 'auto') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  // 64-bit counters stay text, so that no digit is lost to a double.
  const number = Number(text);
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number)) ? number : text;
}

function faultOf(text: string): Fault | null {
  if (text === 'none') return null;
  const fault = faultNamed(text);
  if (fault) return fault;
  throw new SimulationError(
    `没有故障 ${text}；可用：${Object.keys(faultNames).join('、')}、exception:寄存器、none`,
    `There is no fault ${text}; there are: ${Object.keys(faultNames).join(', ')}, exception:REGISTER, none`,
  );
}

/** `10%`: of the exchanges; `for 30s`: then it is well again. */
function limitsOf(text: string): { part?: number; forMs?: number } {
  const [whole, part, time] = /^(?:(\d{1,3})%)?\s*(?:for (\S+))?$/.exec(text) ?? [];
  const wait = Duration.safeParse(time);
  const isPart = part === undefined || (Number(part) >= 1 && Number(part) <= 100);
  if (whole === undefined || !isPart || (time !== undefined && !(wait.success && wait.data > 0)))
    throw new SimulationError(
      `看不懂“${text}”：故障后面可写 1% 到 100%，再写 for 30s 这样的时间`,
      `"${text}" cannot be read: behind a fault stand 1% to 100%, then a time such as for 30s`,
    );
  return { ...(part !== undefined && { part: Number(part) / 100 }), ...(wait.success && { forMs: wait.data }) };
}

export interface TimedFault {
  readonly device: string;
  readonly fault: Fault | null;
  readonly part?: number | undefined;
  readonly forMs?: number | undefined;
}

/** When the fault of a device ends by itself. */
const ends = new WeakMap<Simulator, Map<string, Timer>>();

/** A fault, and its end where that is known. A new fault takes the old one's place, and its end too. */
export function timesFault(simulator: Simulator, clock: Clock, { device, fault, part, forMs }: TimedFault): void {
  simulator.fault(device, fault, part);
  const timers = ends.get(simulator) ?? new Map<string, Timer>();
  ends.set(simulator, timers);
  timers.get(device)?.cancel();
  timers.delete(device);
  if (forMs !== undefined)
    timers.set(
      device,
      clock.after(forMs, () => simulator.fault(device, null)),
    );
}

/** Does a command and says in one line per change what came of it. */
export async function obey(simulator: Simulator, command: Command, clock: Clock): Promise<string> {
  switch (command.do) {
    case 'set':
      await simulator.set(command.device, command.point, command.value);
      return `${command.device} ${command.point} = ${command.value === null ? 'auto' : String(command.value)}`;
    case 'fire':
      await simulator.fire(command.device, command.event, command.data);
      return `${command.device} ! ${command.event}`;
    case 'fault':
      timesFault(simulator, clock, command);
      return `${command.device} fault: ${command.fault ?? 'none'}`;
    case 'list':
      return simulator.devices().map(listed).join('\n');
  }
}

function listed({ id, fault, values, events }: ReturnType<Simulator['devices']>[number]): string {
  const shown = Object.entries(values).map(([point, value]) => `${point}=${String(value)}`);
  const extras = [...(fault ? [`fault: ${fault}`] : []), ...(events.length > 0 ? [`events: ${events.join(', ')}`] : [])];
  return [id, shown.join(' '), ...extras].join('  ');
}
