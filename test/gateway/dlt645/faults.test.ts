import { faultTable } from '../simulate/fault-table.ts';

faultTable({
  driver: 'line',
  profile: 'generic.dlt645-single-phase',
  point: 'voltage',
  values: [221.1, 222.2, 223.3],
  seen: {
    silent: 'gone',
    slow: 'gone',
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
