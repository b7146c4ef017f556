import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { systemClock } from '../clock.ts';
import { loadDrivers } from '../drivers.ts';
import { seededChance, systemChance } from '../random.ts';
import { loadProfiles, loadSite } from '../site.ts';
import { Command, obey, parseCommand } from './command.ts';
import { SimulationError } from './device.ts';
import type { AloneDevice } from './alone.ts';
import { oneDevice } from './one-device.ts';
import { play, readScenario } from './scenario.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts';

/**
 * `node gateway/simulate/process.ts <site file>`: the devices of a site until SIGTERM or the end of the IPC channel.
 * Commands come as lines on standard input, or as IPC messages (`Command`); each is answered by a line, over IPC by
 * `{ ok, text }`. Exit code 2: the site file is wrong or cannot be simulated.
 */

const print = (text: string) => process.stdout.write(`${text}\n`);

/** Plain secrets of simulated devices lie beside the site file; real devices carry their own. */
function secretsBeside(file: string): (device: string) => string | undefined {
  const folder = join(dirname(resolve(file)), 'secrets');
  return (device) => {
    const secret = join(folder, device);
    return existsSync(secret) ? readFileSync(secret, 'utf8').trim() : undefined;
  };
}

type Problems = Extract<Awaited<ReturnType<typeof loadSite>>, { problems: unknown }>['problems'];

/** The site file is wrong, and what of it. */
export class WrongSite extends SimulationError {
  readonly problems: Problems;

  constructor(file: string, problems: Problems) {
    super(`现场文件 ${file} 有误。`, `The site file ${file} is wrong.`);
    this.problems = problems;
  }
}

async function siteIn(file: string): Promise<SimulatorOptions> {
  const loaded = await loadSite(file);
  if ('problems' in loaded) {
    throw new WrongSite(file, loaded.problems);
  }
  return { ...loaded.site, ...around, folder: dirname(resolve(file)), secretOf: secretsBeside(file) };
}

const around = { clock: systemClock, random: systemChance, log: pino({ level: 'warn' }, pino.destination(2)) };

export interface Wish {
  /** A scenario's file, played once the devices are up. */
  readonly scenario?: string | undefined;
  /** What is left to chance is the same for the same seed. */
  readonly seed?: number | undefined;
}

async function run(options: SimulatorOptions, { scenario, seed }: Wish): Promise<number> {
  const script = scenario === undefined ? undefined : readScenario(scenario);
  const simulator = await startSimulator({ ...options, ...(seed !== undefined && { random: seededChance(seed) }) });
  listen(simulator);
  if (script) play(script, simulator, systemClock, print);
  process.send?.({ ok: true, text: 'ready' });
  return simulator.devices().length;
}

async function answer(simulator: Simulator, command: () => Command): Promise<{ ok: boolean; text: string }> {
  try {
    const text = await obey(simulator, command(), systemClock);
    return { ok: true, text };
  } catch (error) {
    if (error instanceof SimulationError) return { ok: false, text: `${error.zh}\n${error.en}` };
    return { ok: false, text: String(error) };
  }
}

function listen(simulator: Simulator): void {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    if (line.trim() !== '') void answer(simulator, () => parseCommand(line)).then(({ text }) => print(text));
  });
  process.on('message', (message: unknown) => {
    void answer(simulator, () => Command.parse(message)).then((said) => {
      print(said.text);
      process.send?.(said);
    });
  });
  const stop = () => {
    lines.close();
    void simulator.stop().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.once('disconnect', stop);
}

/**
 * Runs the devices of a site until SIGTERM. Resolves with their number once they are up; throws SimulationError where
 * the site or the scenario is wrong or cannot be simulated.
 */
export async function runSimulator(file: string, wish: Wish = {}): Promise<number> {
  return run(await siteIn(file), wish);
}

export interface OneWish extends Wish {
  /** Where the gateway goes to, or where it listens. */
  readonly port: number;
  /** A virtual serial port to be made at this path instead. */
  readonly serial?: string | undefined;
  /** The key of a device that must show one. */
  readonly key?: string | undefined;
}

/**
 * Runs one device of a profile, named `eastron.sdm120` or `eastron/sdm120`. Resolves with the sections of the site file
 * that a gateway would know it by. Throws SimulationError where there is no such profile or it cannot be simulated so.
 */
export async function runProfile(name: string, wish: OneWish): Promise<AloneDevice> {
  const { profiles } = await loadProfiles();
  const profile = profiles.get(name) ?? profiles.get(name.replace('/', '.'));
  if (profile === undefined)
    throw new SimulationError(`没有档案 ${name}；yihu-gateway profile list 列出全部`, `There is no profile ${name}.`);
  const one = oneDevice(profile, profiles.values(), wish);
  const driver = (await loadDrivers()).get(one.driver);
  const settings = driver?.port.parse(one.port) ?? one.port;
  const address = { ...one.address, part: one.part };
  await run(
    {
      ports: [{ id: 'port-1', driver: { name: one.driver }, settings }],
      devices: [{ id: 'device-1', profile, port: 'port-1', address }],
      ...around,
      secretOf: () => wish.key,
    },
    wish,
  );
  return one;
}

if (import.meta.main) {
  const file = process.argv[2];
  if (file === undefined) {
    print('用法 / usage: node gateway/simulate/process.ts <site.yaml>');
    process.exit(2);
  }
  try {
    const count = await runSimulator(file);
    print(`模拟 ${count} 个设备 / simulating ${count} devices`);
  } catch (error) {
    print(error instanceof SimulationError ? `${error.zh}\n${error.en}` : String(error));
    process.exit(2);
  }
}
