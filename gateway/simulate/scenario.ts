import { readFileSync } from 'node:fs';
import { Duration } from '@yihu/device-profiles/vocabulary/duration.ts';
import { Value } from '@yihu/device-profiles/vocabulary/reading.ts';
import { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import type { Clock, Timer } from '../clock.ts';
import { FaultWord, timesFault } from './command.ts';
import { SimulationError } from './device.ts';
import type { Simulator } from './simulator.ts';

const when = {
  /** After the scenario began. */
  at: Duration.default(0),
  device: z.string(),
};

/** 剧本: what happens to the devices of a site, and when. One of `set`, `fire` and `fault` a step. */
export const Scenario = z.strictObject({
  schema: z.literal('yihu-scenario/1'),
  name: Text,
  steps: z
    .array(
      z.union([
        /** Points by name; `null` gives one back to the simulation. */
        z.strictObject({ ...when, set: z.record(z.string(), Value) }),
        z.strictObject({ ...when, fire: z.string(), data: z.record(z.string(), Value).optional() }),
        /** `part`: of the exchanges, by the seed; `for`: then it is well again. */
        z.strictObject({
          ...when,
          fault: FaultWord.nullable(),
          part: z.number().gt(0).max(1).default(1),
          for: Duration.optional(),
        }),
      ]),
    )
    .min(1),
});
export type Scenario = z.output<typeof Scenario>;
export type Step = Scenario['steps'][number];

/** Throws SimulationError with every problem of the file. */
export function readScenario(file: string): Scenario {
  const read = Scenario.safeParse(contentOf(file));
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n');
  throw new SimulationError(`剧本 ${file} 有误：\n${problems}`, `Scenario ${file} is wrong:\n${problems}`);
}

function contentOf(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof YAMLParseError) {
      const [first = ''] = message.split('\n');
      throw new SimulationError(`剧本 ${file} 不是 YAML：${first}`, `Scenario ${file} is not YAML: ${first}`);
    }
    throw new SimulationError(`读不到剧本 ${file}（${String(code)}）`, `Scenario ${file} cannot be read (${String(code)}).`);
  }
}

export interface Playing {
  stop(): void;
}

/** Plays a scenario from now on. `told` hears of each step that was done, or why it was not. */
export function play(scenario: Scenario, simulator: Simulator, clock: Clock, told: (text: string) => void): Playing {
  const timers = new Set<Timer>();
  for (const step of scenario.steps) {
    timers.add(
      clock.after(step.at, () => {
        act(step, simulator, clock).then(told, (error: unknown) => told(String(error)));
      }),
    );
  }
  return { stop: () => timers.forEach((timer) => timer.cancel()) };
}

async function act(step: Step, simulator: Simulator, clock: Clock): Promise<string> {
  const { device } = step;
  if ('set' in step) {
    await simulator.setMany(device, step.set);
    return `${device} ${Object.entries(step.set)
      .map(([point, value]) => `${point}=${value === null ? 'auto' : String(value)}`)
      .join(' ')}`;
  }
  if ('fire' in step) {
    await simulator.fire(device, step.fire, step.data);
    return `${device} ! ${step.fire}`;
  }
  timesFault(simulator, clock, { device, fault: step.fault, part: step.part, forMs: step.for });
  return `${device} fault: ${step.fault ?? 'none'}`;
}
