import { faultTable } from '../simulate/fault-table.ts';

faultTable({
  driver: 'gb26875',
  profile: 'gb26875.transmitter',
  point: 'configuration',
  values: ['A1', 'B2', 'C3'],
  seen: {
    silent: 'gone',
    slow: 'late',
    garbage: 'gone',
    'bad-crc': 'gone',
    'wrong-unit': 'gone',
    truncated: 'gone',
    stray: 'well',
    unplugged: 'gone',
    stuck: 'same',
    'clock-skew': 'skewed',
  },
});
