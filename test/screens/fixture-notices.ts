import type { Notice, NoticeHome } from '@yihu/device-profiles/vocabulary/resident.ts';
import type { Answer, World } from './fixture-api.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** Six buildings of 幸福里 and how far each has come. */
const buildings = [
  { nth: 1, homes: 48, linked: 48, read: 41 },
  { nth: 2, homes: 48, linked: 45, read: 12 },
  { nth: 3, homes: 36, linked: 36, read: 36 },
  { nth: 4, homes: 36, linked: 29, read: 17 },
  { nth: 5, homes: 24, linked: 0, read: 0 },
  { nth: 6, homes: 24, linked: 24, read: 20 },
].map(({ nth, ...counts }) => ({ area: `xingfu/xfl/g1/${nth}`, name: `幸福里 ${nth}栋`, ...counts }));

export function noticesAt(now: number): Notice[] {
  const whole = { area: 'xingfu/xfl', areaName: '幸福里', homes: 216, linked: 182 };
  const base = { byName: '李军', withdrawnAt: null, withdrawnByName: null };
  return [
    {
      ...base,
      ...whole,
      id: 'n-water',
      title: '周五上午停水',
      text: '因水务公司换阀，周五 9:00–12:00 全小区停水。\n请提前存水；恢复后先放一会儿再用。\n有卧床老人需要送水的，请打 0571-8800 1100。',
      at: now - 5 * hour,
      from: now - 5 * hour,
      until: now + 2 * day,
      read: 126,
    },
    {
      ...base,
      id: 'n-lift',
      area: 'xingfu/dxy/g1/2',
      areaName: '丁香苑 2栋',
      title: '电梯年检',
      text: '下周一 14:00–16:00 电梯停运，请走楼梯。需要帮忙搬东西的请提前联系。',
      at: now - hour,
      from: now + 2 * day,
      until: now + 5 * day,
      homes: 48,
      linked: 48,
      read: 0,
      byName: '孙磊',
    },
    {
      ...base,
      ...whole,
      id: 'n-wrong',
      title: '周四上午停水',
      text: '日期写错，见新通知。',
      at: now - 6 * hour,
      from: now - 6 * hour,
      until: now + day,
      read: 9,
      withdrawnAt: now - 5 * hour,
      withdrawnByName: '李军',
    },
    {
      ...base,
      area: 'xingfu',
      areaName: '幸福街道',
      homes: 1_420,
      linked: 1_188,
      id: 'n-typhoon',
      title: '台风“海葵”将至，请收好阳台物品',
      text: '预计周三夜间起有 8–10 级大风。请收好花盆和晾晒物，车辆不要停在广告牌和树下。',
      at: now - 20 * day,
      from: now - 20 * day,
      until: now - 17 * day,
      read: 1_093,
    },
  ];
}

export function noticeRoute(world: World, method: string, url: URL, body: Record<string, unknown>): Answer {
  const [, , , id = '', rest = ''] = url.pathname.split('/').map(decodeURIComponent);
  if (id === 'reach') return { status: 200, body: reachOf(url.searchParams.get('area') ?? '') };
  if (id === '' && method === 'POST') {
    const { key: _key, ...said } = body;
    const made = { id: 'n-new', at: world.now, from: world.now, read: 0, byName: '李军' };
    const notice = { ...(world.notices[0] as Notice), ...made, ...said };
    world.notices.unshift(notice);
    return { status: 201, body: notice };
  }
  if (id === '') return { status: 200, body: world.notices };
  const notice = world.notices.find((one) => one.id === id);
  if (notice === undefined) return { status: 404, body: { code: 'not-found', message: { zh: '没有找到。', en: 'Not found.' } } };
  if (rest === 'homes') return { status: 200, body: homesOf(world, url.searchParams.get('building') ?? '') };
  if (rest === 'withdraw') Object.assign(notice, { withdrawnAt: world.now, withdrawnByName: '李军' });
  return { status: 200, body: rest === 'withdraw' ? notice : { ...notice, buildings: world.noBuildings ? [] : buildings } };
}

function reachOf(area: string) {
  if (area === 'xingfu/chjy') return { area, areaName: '春晖家园', homes: 0, linked: 0 };
  return { area, areaName: '幸福里', homes: 216, linked: 182 };
}

function homesOf(world: World, area: string): NoticeHome[] {
  const of = buildings.find((one) => one.area === area);
  if (of === undefined) return [];
  return Array.from({ length: of.homes }, (_, nth) => {
    const [unit, floor, door] = [Math.floor(nth / 16) + 1, Math.floor((nth % 16) / 2) + 1, (nth % 2) + 1];
    const linked = nth < of.linked;
    const isRead = nth >= of.linked - of.read && linked;
    const label = `${of.name}${unit}单元${floor}0${door}`;
    return { area: `${area}/${unit}/${floor}0${door}`, label, linked, readAt: isRead ? world.now - nth * 400_000 : null };
  }).toSorted((a, b) => Number(a.readAt !== null) - Number(b.readAt !== null));
}
