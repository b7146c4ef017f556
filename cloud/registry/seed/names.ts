import type { Sex } from '@yihu/device-profiles/vocabulary/registry-person.ts';
import type { Picker } from './pick.ts';

/** Surnames in about the order of how many bear them; the first ones are drawn more often. */
const surnames =
  '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤'.split(
    '',
  );
const compound = ['欧阳', '司马', '上官', '诸葛'];
const men = '伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆建国志文海龙天成德林永福庆祥宏东'.split('');
const women = '芳娜敏静丽艳娟霞秀英玲燕红梅莉颖洁琳雪慧婷倩兰萍桂珍淑凤美玉翠春香云月欣怡'.split('');

export function surname(pick: Picker): string {
  if (pick.sometimes(0.003)) return pick.one(compound);
  // The square of an even draw leans to the front of the list, as surnames do.
  const draw = pick.between(0, 999) / 1000;
  return surnames[Math.floor(draw * draw * surnames.length)] ?? '王';
}

export function fullName(pick: Picker, sex: Sex, family: string): string {
  const letters = sex === 'm' ? men : women;
  return family + pick.one(letters) + (pick.sometimes(0.8) ? pick.one(letters) : '');
}

export const communityNames: readonly (readonly [code: string, name: string])[] = [
  ['xfl', '幸福里'],
  ['yghy', '阳光花园'],
  ['czy', '翠竹苑'],
  ['jxc', '锦绣城'],
  ['hpxc', '和平新村'],
  ['wfjy', '万福家园'],
  ['lyt', '绿荫庭'],
  ['bhh', '滨河汇'],
];

export const shopNames: readonly string[] = [
  '便利店',
  '水果店',
  '药房',
  '理发店',
  '面馆',
  '五金店',
  '早餐店',
  '洗衣店',
  '宠物店',
  '快递驿站',
];
