/** The numbers of the maker's public papers, written apart from the gateway's tables. */

export const portCodes: Readonly<Record<string, number>> = {
  idle: 0,
  charging: 1,
  plugged: 2,
  full: 3,
  unmetered: 4,
  floating: 5,
  'memory-fault': 6,
  'socket-stuck': 7,
  'bad-contact': 8,
  'relay-stuck': 9,
  'sensor-fault': 10,
  'relay-open': 11,
  'short-circuit': 13,
  'relay-stuck-checked': 14,
  'card-reader-fault': 15,
  'circuit-fault': 16,
};

export const alarmCodes: Readonly<Record<string, number>> = {
  'power-cut': 1,
  water: 2,
  extinguisher: 3,
  smoke: 4,
  heat: 5,
  'water-level': 6,
  'cabinet-open': 7,
};

export const stopCodes: Readonly<Record<string, number>> = {
  full: 1,
  'longest-time': 2,
  'preset-time': 3,
  'preset-energy': 4,
  unplugged: 5,
  overload: 6,
  'by-server': 7,
  'overload-dynamic': 8,
  'low-power': 9,
  'ambient-hot': 10,
  'port-hot': 11,
  'over-current': 12,
  water: 16,
  'extinguished-here': 17,
  'extinguished-elsewhere': 18,
  'fire-system': 24,
  'over-voltage': 26,
  'under-voltage': 27,
};
