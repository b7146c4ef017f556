import { faultTable } from '../simulate/fault-table.ts';

faultTable({
  driver: 'onvif',
  profile: 'generic.onvif-camera',
  point: 'input',
  values: [true, false, true],
  seen: {
    silent: 'hangs',
    garbage: 'gone',
    exception: 'gone',
    truncated: 'gone',
    unplugged: 'gone',
    stuck: 'still',
    'clock-skew': 'skewed',
  },
});
