/** What lists of the manager's pages have in common. */
export const listsZh = {
  lists: {
    clear: '清除筛选',
    comma: '、',
    colon: '：',
    choose: '请选择',
    whole: '整个{{name}}',
    everywhere: '全部区域',
  },
} as const;
