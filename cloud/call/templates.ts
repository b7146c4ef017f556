/** What an installation can say on its first day. A template of the same id that somebody wrote takes its place. */
export const builtIn: readonly {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly lifeSafety: boolean;
}[] = [
  {
    id: 'fire-leave',
    name: '火灾疏散',
    title: '火警：请立即离开',
    text: '{地点}发生火情。请不要乘电梯，捂住口鼻走楼梯，到{集合点}集合。出不去的，关紧房门、在窗口呼救，并马上应答。',
    lifeSafety: true,
  },
  {
    id: 'fire-stay',
    name: '火灾暂避',
    title: '火警：请留在家中',
    text: '{地点}发生火情。您家目前安全，请关好门窗留在家中，不要进楼道，等候通知。',
    lifeSafety: true,
  },
  {
    id: 'gas-leak',
    name: '燃气泄漏',
    title: '燃气泄漏：不要开灯',
    text: '{地点}燃气泄漏。不要开关电器、不要用明火，开窗后离开，到{集合点}集合。',
    lifeSafety: true,
  },
  {
    id: 'roll-call',
    name: '报平安',
    title: '请报平安',
    text: '{事由}。请每一位居民报一声平安。',
    lifeSafety: true,
  },
  {
    id: 'typhoon',
    name: '台风暴雨',
    title: '台风暴雨预警',
    text: '{时间}起有大风暴雨，请收回阳台物品，地下车库车辆请于{期限}前驶离，低层住户准备到{安置点}。',
    lifeSafety: false,
  },
  {
    id: 'water-off',
    name: '停水停电',
    title: '停水停电通知',
    text: '{地点}将于{时间}停{项目}，预计{期限}恢复，请提前准备。家里有人离不开的，请应答“需要帮助”。',
    lifeSafety: false,
  },
];
