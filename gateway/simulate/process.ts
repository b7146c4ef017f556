import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { pino } from 'pino';
import { systemClock } from '../clock.ts';
import { systemChance } from '../random.ts';
import { loadSite } from '../site.ts';
import { Command, obey, parseCommand } from './command.ts';
import { SimulationError } from './device.ts';
import { startSimulator, type Simulator } from './simulator.ts';

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

async function start(file: string): Promise<Simulator> {
  const loaded = await loadSite(file);
  if ('problems' in loaded) {
    const sentences = loaded.problems.map(({ path, zh, en }) => [`${path}: ${zh}`, `${path}: ${en}`] as const);
    throw new SimulationError(sentences.map(([zh]) => zh).join('\n'), sentences.map(([, en]) => en).join('\n'));
  }
  return startSimulator({
    ...loaded.site,
    folder: dirname(resolve(file)),
    clock: systemClock,
    random: systemChance,
    log: pino({ level: 'warn' }, pino.destination(2)),
    secretOf: secretsBeside(file),
  });
}

async function answer(simulator: Simulator, command: () => Command): Promise<{ ok: boolean; text: string }> {
  try {
    const text = await obey(simulator, command());
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
 * the site is wrong or cannot be simulated.
 */
export async function runSimulator(file: string): Promise<number> {
  const simulator = await start(file);
  listen(simulator);
  process.send?.({ ok: true, text: 'ready' });
  return simulator.devices().length;
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
