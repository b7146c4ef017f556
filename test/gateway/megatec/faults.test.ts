import { faultTable } from '../simulate/fault-table.ts';

// It has no address and no checksum: what protects it is the form of its line.
faultTable({
  driver: 'line',
  profile: 'generic.ups-megatec',
  point: 'input_voltage',
  values: [221.1, 222.2, 223.3],
  seen: {
    silent: 'gone',
    slow: 'late',
    garbage: 'gone',
    truncated: 'gone',
    echo: 'well',
    stray: 'well',
    unplugged: 'gone',
    stuck: 'same',
  },
});
