import { dialInWire, type Told } from '../../dial-in-wire.ts';
import { numberAt, wordAt } from '../../said/word.ts';
import { alarmCodes, portCodes, stopCodes } from './codes.ts';
import { low, order, SimulatedPile } from './pile.ts';

/** "DNY": a charging pile, or one of which a single port speaks. */
export const wire = dialInWire({
  driver: 'dny',
  faults: ['silent', 'slow', 'garbage', 'bad-crc', 'wrong-unit', 'truncated', 'stray', 'unplugged', 'stuck'],
  address: { id: '04a26cf3' },
  talker: ({ device, ...parts }) => {
    const id = Number.parseInt(wordAt(device.address, 'id', '04000001'), 16);
    const pile = new SimulatedPile({ ...parts, id });
    return { tell: (told) => tell(pile, told), failed: () => pile.failed(), stop: () => pile.stop() };
  },
});

type Fields = Told['fields'];

async function tell(pile: SimulatedPile, { channel, fields }: Told): Promise<void> {
  switch (channel) {
    case 'pile':
      await pile.ask(0x20, [...firmware(fields), whole(fields, 'ports'), 0, whole(fields, 'type'), 0]);
      return pile.ask(0x21, heartbeat(fields));
    case 'host':
      await pile.tell(0x11, [...firmware(fields), 0, 0, 0, 0, 0, whole(fields, 'signal'), 0]);
      return pile.tell(0x17, hostState(fields));
    case 'port':
      return pile.tell(0x06, charging(fields));
    case 'alarm':
      return pile.tell(0x42, [alarmCodes[wordAt(fields, 'alarm')] ?? 0, Math.max(0, whole(fields, 'port') - 1), 0]);
    case 'charge':
      return pile.ask(0x03, charge(fields));
    default:
      return pile.tell(0x99, [1, 2, 3]);
  }
}

/** What the protocol has no places for. */
const whole = (fields: Fields, name: string) => Math.round(numberAt(fields, name));
const tenths = (fields: Fields, name: string) => low(Math.round(numberAt(fields, name) * 10), 2);
const hundredths = (fields: Fields, name: string, bytes = 2) => low(Math.round(numberAt(fields, name) * 100), bytes);
const firmware = (fields: Fields) => hundredths(fields, 'firmware');
/** Less 65; 0 is "no sensor". */
const celsius = (fields: Fields) => (fields['temperature'] === undefined ? 0 : whole(fields, 'temperature') + 65);

/** 0x21, all ports idle. */
function heartbeat(fields: Fields): number[] {
  const ports = whole(fields, 'ports');
  return [...tenths(fields, 'voltage'), ports, ...Array<number>(ports).fill(0), whole(fields, 'signal'), celsius(fields)];
}

/** 0x17: breaker, meter, smoke detector and residual current of a host. */
function hostState(fields: Fields): number[] {
  const breaker = [fields['breaker'] === 'closed' ? 1 : 0, 0];
  const meter = [...tenths(fields, 'voltage'), ...hundredths(fields, 'current'), ...hundredths(fields, 'energy', 4)];
  return [...breaker, ...meter, 0, 0, 0, 0, 0, 0, fields['smoke'] === true ? 1 : 0, 0, whole(fields, 'leakage')];
}

/** 0x06 as later firmware sends it, with voltage, current and heat behind the order. */
function charging(fields: Fields): number[] {
  const power = tenths(fields, 'power');
  const head = [
    0,
    portCodes[wordAt(fields, 'state')] ?? 0,
    ...low(whole(fields, 'duration'), 2),
    ...hundredths(fields, 'energy'),
  ];
  const rest = [...tenths(fields, 'voltage'), ...low(Math.round(numberAt(fields, 'current') * 1_000), 2), 0, celsius(fields)];
  return [...head, 1, ...power, ...power, ...power, ...power, ...order, 0, 0, 0, 0, ...rest];
}

/** 0x03. */
function charge(fields: Fields): number[] {
  const numbers = [...low(whole(fields, 'duration'), 2), ...tenths(fields, 'maxPower'), ...hundredths(fields, 'energy')];
  const port = Math.max(0, whole(fields, 'port') - 1);
  return [...numbers, port, 1, 0, 0, 0, 0, stopCodes[wordAt(fields, 'reason')] ?? 0, ...order];
}
