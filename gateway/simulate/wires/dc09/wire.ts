import { dialInWire } from '../../dial-in-wire.ts';
import { numberAt, wordAt } from '../../said/word.ts';
import { SimulatedAlarmHost } from './alarm-host.ts';

const qualifiers: Readonly<Record<string, string>> = { event: '1', restore: '3', still: '6' };

/** ANSI/SIA DC-09: an alarm host, or one with a single zone. */
export const wire = dialInWire({
  driver: 'dc09',
  faults: ['silent', 'slow', 'garbage', 'wrong-unit', 'truncated', 'stray', 'unplugged', 'stuck', 'clock-skew'],
  address: { account: '1234' },
  talker: ({ device, ...parts }) => {
    const account = wordAt(device.address, 'account', '1234');
    const host = new SimulatedAlarmHost({ ...parts, account });
    const zone = device.profile.decode['zone'] === undefined ? 0 : 1;
    return {
      tell({ channel, fields }) {
        if (channel === 'unknown') return host.say(wordAt(fields, 'id', 'SIM'), wordAt(fields, 'data'));
        const qualifier = qualifiers[wordAt(fields, 'qualifier', 'event')] ?? '1';
        return host.event(qualifier + wordAt(fields, 'code'), numberAt(fields, 'number', zone), numberAt(fields, 'group'));
      },
      failed: () => host.failed(),
      stop: () => host.stop(),
    };
  },
});
