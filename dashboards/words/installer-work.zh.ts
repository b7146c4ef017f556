/** What an installer does with devices and the cloud, beside looking. */
export const installerWorkZh = {
  work: {
    settings: {
      open: '修改这台设备',
      title: '修改 {{id}}',
      where: '名称、位置、地址',
      place: { building: '楼栋', unit: '单元', floor: '楼层', room: '房间', note: '位置说明' },
      address: '地址 {{word}}',
      params: '安装参数',
      usual: '空着用档案值 {{value}}',
      mustSay: '这个现场必须填写',
      alarms: '告警限值',
      level: '级别',
      noClause: '档案没有给出条款',
      above: '高于',
      below: '低于',
      clear: '恢复值',
      forS: '持续秒数',
      off: '这台设备不报这条告警',
      silent: '这台设备现在可以没有应答（还没接线），不因此退回',
      lines: '现场文件的改动',
      nothing: '没有差别，什么也不用做。',
    },
  },
} as const;
