import type { installerWorkZh } from './installer-work.zh.ts';
import type { Catalogue } from './zh.ts';

export const installerWorkEn: Catalogue<typeof installerWorkZh> = {
  work: {
    settings: {
      open: 'Change this device',
      title: 'Change {{id}}',
      where: 'Name, place, address',
      place: { building: 'Building', unit: 'Unit', floor: 'Floor', room: 'Room', note: 'Place in words' },
      address: 'Address: {{word}}',
      params: 'Parameters',
      usual: 'empty: the profile’s {{value}}',
      mustSay: 'this site must say its own',
      alarms: 'Limits of alarms',
      level: 'level',
      noClause: 'The profile names no clause',
      above: 'Above',
      below: 'Below',
      clear: 'Clears at',
      forS: 'For seconds',
      off: 'This device does not raise this alarm',
      silent: 'This device may give no answer now (not wired yet); the change is kept all the same',
      lines: 'What changes in the site file',
      nothing: 'Nothing is different; there is nothing to do.',
    },
  },
};
