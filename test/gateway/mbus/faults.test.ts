import { faultTable } from '../simulate/fault-table.ts';

faultTable({
  driver: 'line',
  profile: 'generic.mbus-water',
  point: 'volume',
  values: [101.001, 102.002, 103.003],
  seen: {
    silent: 'gone',
    slow: 'gone',
    garbage: 'gone',
    'wrong-unit': 'gone',
    'bad-crc': 'gone',
    truncated: 'gone',
    echo: 'well',
    stray: 'well',
    unplugged: 'gone',
    stuck: 'same',
  },
});
