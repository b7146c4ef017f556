import type { SerialShape } from '../../../gateway/collect/line/dialect.ts';
import { isSameShape, serialLine } from '../../../gateway/collect/line/line-time.ts';
import type { Dial, Route } from '../../../gateway/collect/wire/wire.ts';
import type { HandClock } from './hand-clock.ts';

/** A slave on a shared line: it hears what is said with its own parameters, and nothing else. */
export interface LineSlave {
  readonly shape: SerialShape;
  readonly thinkMs: number;
  /** The answer to a whole message, or nothing. */
  answer(heard: Uint8Array): Uint8Array | undefined;
}

export interface SharedLine {
  readonly route: Route;
  /** Each change of the parameters: when, and to what. */
  readonly retunes: { readonly at: number; readonly baud: number }[];
  /** Each message that was sent: when, and with which parameters. */
  readonly sent: { readonly at: number; readonly baud: number; readonly bytes: Uint8Array }[];
}

/** How long a port takes to be closed and opened again with other parameters. */
const retuneMs = 15;

/** A line in memory whose bytes take the time of its parameters, with slaves of several parameters on it. */
export function sharedLine(clock: HandClock, opened: SerialShape, slaves: readonly LineSlave[]): SharedLine {
  const retunes: SharedLine['retunes'] = [];
  const sent: SharedLine['sent'] = [];
  const dial: Dial = (events) => {
    let shape = opened;
    clock.after(0, () => events.open());
    return {
      write: (bytes) => {
        const line = serialLine(shape);
        sent.push({ at: clock.mono(), baud: shape.baud, bytes });
        const said = shape;
        clock.after(line.bytesMs(bytes.length), () => {
          for (const slave of slaves) {
            const answer = isSameShape(slave.shape, said) ? slave.answer(bytes) : undefined;
            if (answer === undefined) continue;
            clock.after(slave.thinkMs + line.bytesMs(answer.length), () => events.data(Buffer.from(answer)));
          }
        });
      },
      retune: async (to) => {
        await clock.sleep(retuneMs);
        shape = to;
        retunes.push({ at: clock.mono(), baud: to.baud });
      },
      close: () => Promise.resolve(),
    };
  };
  return { route: { where: 'shared', dial }, retunes, sent };
}
