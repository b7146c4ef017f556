import { dialInWire } from '../../dial-in-wire.ts';
import { wordAt } from '../../said/word.ts';
import type { Tree } from '../../said/forms.ts';
import { SimulatedStation } from './station.ts';

/** CN of each kind of data; anything else is a command of the maker's own. */
const commands: Readonly<Record<string, string>> = { realtime: '2011', minute: '2051', hour: '2061', day: '2031' };

/** HJ 212: an environmental station. */
export const wire = dialInWire({
  driver: 'hj212',
  faults: ['silent', 'slow', 'garbage', 'bad-crc', 'wrong-unit', 'truncated', 'stray', 'unplugged', 'stuck', 'clock-skew'],
  address: { mn: 'SIM00001' },
  talker: ({ device, ...parts }) => {
    const station = new SimulatedStation({ ...parts, mn: wordAt(device.address, 'mn', 'SIM') });
    return {
      tell: ({ channel, fields }) => station.say(commands[channel] ?? '3020', recordsOf(fields['factors'] ?? null)),
      failed: () => station.failed(),
      stop: () => station.stop(),
    };
  },
});

/** `a34004-Rtd=35,a34004-Flag=N`: each factor with its numbers, marked as normal. */
function recordsOf(factors: Tree): string[] {
  if (typeof factors !== 'object' || factors === null || Array.isArray(factors)) return [];
  return Object.entries(factors).map(([code, values]) => {
    const own = values as Readonly<Record<string, Tree>>;
    const numbers = Object.keys(own).map(
      (name) => `${code}-${name.charAt(0).toUpperCase()}${name.slice(1)}=${wordAt(own, name)}`,
    );
    return [...numbers, `${code}-Flag=N`].join(',');
  });
}
