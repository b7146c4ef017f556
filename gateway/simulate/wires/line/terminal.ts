import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import { SimulationError } from '../../device.ts';
import type { OpenWire } from '../../wire.ts';
import type { SimulatedBus } from './bus.ts';

/**
 * A serial line that is a pseudo-terminal of this machine, made by `socat` at the path of the port: whoever opens that path
 * as a serial port talks to the simulated devices.
 */
export class LineTerminal implements OpenWire {
  readonly #path: string;
  readonly #bus: SimulatedBus;
  #socat: ChildProcess | null = null;

  constructor(path: string, bus: SimulatedBus) {
    this.#path = path;
    this.#bus = bus;
    if (isTaken(path)) {
      throw new SimulationError(
        `${path} 已经存在，模拟器不会占用真实串口。请在现场文件中换一个路径，例如 /tmp/ttyV0`,
        `${path} is there already, and no real serial port is taken over. Choose another path in the site file, such as /tmp/ttyV0.`,
      );
    }
  }

  /** Resolves when the path is there. */
  async start(): Promise<void> {
    const socat = spawn('socat', ['-d', '-d', `PTY,link=${this.#path},raw,echo=0`, 'STDIO'], { stdio: 'pipe' });
    this.#socat = socat;
    const { stdin, stdout, stderr } = socat;
    stdin.on('error', () => socat.kill());
    stdout.on('data', (chunk: Buffer) => this.#bus.hear(chunk, (bytes) => void (stdin.writable && stdin.write(bytes))));
    await new Promise<void>((resolve, reject) => {
      let said = '';
      const fail = (why: string) =>
        reject(
          new SimulationError(
            `不能建立虚拟串口 ${this.#path}：${why}。请检查路径；需要程序 socat（apt-get install socat）`,
            `The virtual serial port ${this.#path} could not be made: ${why}. Check the path; it needs the program socat (apt-get install socat).`,
          ),
        );
      socat.once('error', (error) => fail(error.message));
      socat.once('exit', (code) => fail(/ E (.*)/.exec(said)?.[1] ?? `socat ${code}`));
      stderr.on('data', (chunk: Buffer) => {
        said = (said + chunk.toString()).slice(-2_000);
        if (said.includes('starting data transfer loop')) resolve();
      });
    });
  }

  /** A port that is pulled out is gone, path and all, until it is put in again. */
  failed(): void {
    if (this.#bus.isUnplugged) return void this.#socat?.kill();
    if (this.#socat?.exitCode !== null || this.#socat.signalCode !== null) void this.start();
  }

  async stop(): Promise<void> {
    const socat = this.#socat;
    if (!socat || socat.exitCode !== null || socat.signalCode !== null) return;
    await new Promise((resolve) => {
      socat.once('exit', resolve);
      socat.kill();
    });
  }
}

/** A link that leads nowhere is left from a simulator that was killed. */
function isTaken(path: string): boolean {
  if (existsSync(path)) return true;
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) unlinkSync(path);
  return false;
}
