import { faultTable } from '../simulate/fault-table.ts';

faultTable({
  driver: 'dny',
  profile: 'dny.charging-pile',
  point: 'voltage',
  values: [221.1, 222.2, 223.3],
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
  },
});
