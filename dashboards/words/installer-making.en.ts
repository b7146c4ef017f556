import type { installerMakingZh } from './installer-making.zh.ts';
import type { Catalogue } from './zh.ts';

export const installerMakingEn: Catalogue<typeof installerMakingZh> = {
  making: {
    find: {
      title: 'Find what the display shows',
      lead: 'Look at the display of the device and enter one reading after the other, with all its decimals. The registers are read anew each time, and searched for it.',
      name: 'What it is',
      own: 'Something else (name it)',
      zh: 'Name in Chinese',
      en: 'Name in English (may be empty)',
      unit: 'Unit',
      noUnit: 'none',
      shown: 'Number on the display',
      shownHint: 'digits only, such as 230.2',
      submit: 'Find it',
      finding: 'Reading…',
    },
    match: {
      title: '{{count}} ways to read it fit; take one',
      title_one: '{{count}} way to read it fits; take it',
      only: 'One way to read it fits; take it',
      hint: 'If in doubt, take none yet, and find it again when the display has changed: what still fits is the one.',
      none: 'These registers do not hold {{shown}}',
      noneNext:
        'If it has just changed, find what is shown now; otherwise read other addresses, more registers or the other table.',
    },
    values: { title: 'Values found', remove: 'Remove {{name}}' },
    device: {
      title: 'What device it is',
      category: 'Class',
      maker: 'Maker (as printed on it)',
      model: 'Model (as printed on it)',
      check: 'Check and read once',
      checking: 'Checking…',
    },
    checked: {
      problems: 'Cannot be saved yet ({{count}})',
      beside: 'See what is marked above.',
      title: 'Profile {{id}}',
      well: 'It is sound. This was read through the new profile just now; compare it with the display:',
      now: 'Read now',
      earlier: 'Shown when found',
      noValue: 'nothing read',
      file: 'Will be {{file}}',
      silent: 'What was found is proven; it may be saved already.',
      save: 'Save the profile',
      saving: 'Saving…',
    },
    saved: {
      title: 'Profile {{id}} is saved',
      lead: 'It is in {{file}}. The device can be added with it at once.',
      add: 'Add this device',
      another: 'Another device',
    },
  },
};
