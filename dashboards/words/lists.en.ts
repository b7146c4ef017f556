import type { listsZh } from './lists.zh.ts';
import type { Catalogue } from './zh.ts';

export const listsEn: Catalogue<typeof listsZh> = {
  lists: {
    clear: 'Clear filter',
    comma: ', ',
    colon: ': ',
    choose: 'Choose',
    whole: 'all of {{name}}',
    everywhere: 'everywhere',
  },
};
