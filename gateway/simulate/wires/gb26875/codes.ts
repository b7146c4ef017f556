/** Bits and numbers of GB/T 26875.3-2011 (8.2.1, 8.3), written apart from the gateway's tables. */

const shared = ['bit0', 'fire', 'fault', 'shielded', 'supervised', 'started', 'feedback', 'delayed'];
export const partFlags = [...shared, 'powerFault'];
export const systemFlags = [...shared, 'mainsFault', 'backupFault', 'busFault', 'manual', 'configurationChanged', 'reset'];
export const transmitterFlags = ['bit0', 'fire', 'fault', 'mainsFault', 'backupFault', 'channelFault', 'lineFault'];

/** Bit 5 is a confirmation at a system and the answer to an inspection at a transmitter. */
const named = ['reset', 'mute', 'manual-alarm', 'alarm-cancelled', 'self-test', 'confirm', 'test'];
export const operations = {
  indexOf: (name: string): number => named.indexOf(name === 'inspection-answered' ? 'confirm' : name),
};

/** Number of each quantity, and how many steps one of its unit has. */
export const quantities: Readonly<Record<string, readonly [code: number, per: number]>> = {
  count: [1, 1],
  height: [2, 100],
  temperature: [3, 10],
  'pressure-mpa': [4, 10],
  'pressure-kpa': [5, 10],
  gas: [6, 10],
  time: [7, 1],
  voltage: [8, 10],
  current: [9, 10],
  flow: [10, 10],
  'air-flow': [11, 10],
  'air-speed': [12, 1],
};

export function flagsOf(flags: readonly string[], fields: Readonly<Record<string, unknown>>): number {
  return flags.reduce((bits, flag, at) => bits | (fields[flag] === true ? 1 << at : 0), 0);
}
