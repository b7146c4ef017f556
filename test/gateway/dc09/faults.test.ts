import { faultTable } from '../simulate/fault-table.ts';

faultTable({
  driver: 'dc09',
  profile: 'dc09.alarm-host',
  point: 'armed',
  values: ['armed', 'disarmed', 'armed'],
  seen: {
    silent: 'gone',
    slow: 'late',
    garbage: 'gone',
    'wrong-unit': 'gone',
    truncated: 'gone',
    stray: 'well',
    unplugged: 'gone',
    stuck: 'same',
    'clock-skew': 'skewed',
  },
});
