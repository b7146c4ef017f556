import { faultTable } from '../simulate/fault-table.ts';

// All its values are in one answer: one that comes late fits the next question as well, and is right.
faultTable({
  driver: 'line',
  profile: 'generic.cjt188-water',
  point: 'volume',
  values: [101.01, 102.02, 103.03],
  seen: {
    silent: 'gone',
    slow: 'late',
    exception: 'refusing',
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
