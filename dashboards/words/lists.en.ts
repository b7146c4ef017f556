import type { listsZh } from './lists.zh.ts';
import type { Catalogue } from './zh.ts';

export const listsEn: Catalogue<typeof listsZh> = {
  lists: {
    kept: 'The newest cannot be read; this is of {{at}}',
    clear: 'Clear filter',
    comma: ', ',
    colon: ': ',
    choose: 'Choose',
    whole: 'all of {{name}}',
    everywhere: 'everywhere',
  },
};
