import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../demo/ports.ts';
import type { Programs } from './programs.ts';

/** The pymodbus server as a process, and its registers in our hand. */
export class ModbusServer {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #waiting: ((answer: string) => void)[] = [];

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
    if (!child.stdout) throw new Error('no output');
    createInterface({ input: child.stdout }).on('line', (line) => this.#waiting.shift()?.(line));
  }

  static async start(programs: Programs): Promise<ModbusServer> {
    const port = await freePort(0);
    const script = join(import.meta.dirname, 'pymodbus_server.py');
    return new ModbusServer(port, await programs.foreign('/usr/bin/python3', [script, String(port)], 'ready'));
  }

  async tell(command: string): Promise<void> {
    const answer = new Promise<string>((done) => this.#waiting.push(done));
    this.#child.stdin?.write(`${command}\n`);
    const said = await answer;
    if (said !== 'ok') throw new Error(`${command}: ${said}`);
  }
}
