import type { Clock } from '../../../clock.ts';
import type { Chance } from '../../../random.ts';
import type { SimulatedDevice } from '../../device.ts';
import { lateMs } from '../../faults.ts';
import { spoilt } from '../../spoil.ts';
import type { LineSlave, SimulatedDialect } from './slave.ts';

export interface Slave {
  readonly device: SimulatedDevice;
  readonly dialect: SimulatedDialect;
  readonly answer: LineSlave;
}

interface Parts {
  readonly slaves: readonly Slave[];
  readonly clock: Clock;
  readonly random: Chance;
}

/** No question of any protocol is longer. */
const longestQuestion = 300;

/** All devices of one line, whatever each of them speaks: every one hears everything and answers what is for it. */
export class SimulatedBus {
  readonly #parts: Parts;
  #heard: Buffer = Buffer.alloc(0);

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether the wire to all of them is out. */
  get isUnplugged(): boolean {
    return this.#parts.slaves.some(({ device }) => device.fault === 'unplugged');
  }

  /** What was heard before is forgotten: a new connection. */
  reset(): void {
    this.#heard = Buffer.alloc(0);
  }

  /** Bytes came; what is answered to them is written, each answer when it is due. */
  hear(chunk: Uint8Array, write: (bytes: Uint8Array) => void): void {
    this.#heard = Buffer.concat([this.#heard, chunk]).subarray(-longestQuestion);
    const { slaves, clock } = this.#parts;
    const at = clock.now();
    for (const { device } of slaves) device.meet();
    // A question may stand behind noise, or behind one for a device that is not there.
    for (let start = 0; start < this.#heard.length; start++) {
      const question = this.#heard.subarray(start);
      const answers = slaves.flatMap((slave) => {
        const good = slave.answer(question, at);
        return good === undefined ? [] : [{ slave, good }];
      });
      if (answers.length === 0) continue;
      const request = Buffer.from(question);
      this.reset();
      for (const { slave, good } of answers) void this.#say(slave, request, Buffer.from(good), write);
      return;
    }
  }

  async #say({ device, dialect }: Slave, request: Buffer, bytes: Buffer, write: (bytes: Uint8Array) => void): Promise<void> {
    const { clock, random } = this.#parts;
    const { fault } = device;
    if (fault === 'silent' || fault === 'unplugged') return;
    if (fault === 'slow') await clock.sleep(lateMs);
    const { readdressed, checksumFromEnd } = dialect;
    const good = {
      bytes,
      request,
      ...(readdressed && { readdressed: () => readdressed(bytes) }),
      ...(checksumFromEnd !== undefined && { checksumFromEnd }),
    };
    write(spoilt(fault, good, random));
  }
}
