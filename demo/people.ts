/** 幸福里的居民: people who do not exist, in the flats of the demonstration's three buildings; the same every time. */

export interface DemoPerson {
  readonly name: string;
  /** Begins with 160, which no operator was given; empty where they have none. */
  readonly phone: string;
  readonly sex: '男' | '女';
  readonly birth: string;
  readonly building: string;
  readonly unit: string;
  readonly room: string;
  readonly role: '业主' | '租户' | '家属';
  readonly needs: string;
  readonly tags: string;
  readonly contact: readonly [name: string, phone: string, relation: string] | null;
}

export const demoBuildings = ['1', '2', '3'] as const;
const stairwells = ['1', '2'] as const;
const floors = [1, 2, 3, 4, 5, 6, 7] as const;
const doors = ['01', '02'] as const;

const surnames = '王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹';
const men = ['建国', '志强', '伟', '磊', '俊杰', '海涛', '子轩', '文博'];
const women = ['秀英', '丽华', '敏', '静', '雪梅', '雨桐', '欣怡', '桂兰'];
const skills = ['志愿者、急救', '志愿者、水电', '志愿者、驾驶', '志愿者、医护', '志愿者、搬抬'];

/** Everybody, flat by flat. */
export function demoPeople(): DemoPerson[] {
  const flats = demoBuildings.flatMap((building) =>
    stairwells.flatMap((unit) => floors.flatMap((floor) => doors.map((door) => ({ building, unit, room: `${floor}${door}` })))),
  );
  return flats.flatMap((flat, nth) => householdOf(flat, nth));
}

type Flat = Pick<DemoPerson, 'building' | 'unit' | 'room'>;

/** The old man of the smoke detector the demonstration sets off, and whoever has a call button, live alone. */
function householdOf(flat: Flat, nth: number): DemoPerson[] {
  const family = letter(surnames, nth * 7);
  if (flat.room === '301' || (flat.building === '3' && flat.unit === '2' && flat.room === '502'))
    return [livesAlone(flat, nth, family)];
  const isLet = nth % 5 === 4;
  const size = 1 + ((nth * 3) % 4);
  return Array.from({ length: size }, (_, member): DemoPerson => {
    const isMan = (nth + member) % 2 === 0;
    const isChild = member >= 2;
    const year = isChild ? 2012 + ((nth + member) % 8) : 1958 + ((nth * 11 + member * 3) % 40);
    const own = member === 1 ? letter(surnames, nth * 7 + 13) : family;
    const isTeenOrAdult = year < 2015;
    return {
      ...flat,
      name: own + pick(isMan ? men : women, nth + member),
      phone: isTeenOrAdult ? phoneOf(nth * 10 + member) : '',
      sex: isMan ? '男' : '女',
      birth: `${year}-${two(1 + ((nth + member) % 12))}-${two(1 + ((nth * 3 + member) % 28))}`,
      role: member > 0 ? '家属' : isLet ? '租户' : '业主',
      needs: year <= 1962 && nth % 6 === 0 ? '轮椅' : '',
      tags: member === 0 && year > 1966 && nth % 8 === 3 ? pick(skills, nth) : '',
      contact: null,
    };
  });
}

function livesAlone(flat: Flat, nth: number, family: string): DemoPerson {
  const isMan = nth % 2 === 0;
  return {
    ...flat,
    name: family + pick(isMan ? men : women, nth),
    phone: phoneOf(nth * 10),
    sex: isMan ? '男' : '女',
    birth: `${1938 + (nth % 8)}-0${1 + (nth % 9)}-1${nth % 10}`,
    role: '业主',
    needs: nth % 4 === 0 ? '独居、吸氧' : '独居、高龄体弱',
    tags: '',
    contact: [`${family}${pick(women, nth + 3)}`, phoneOf(nth * 10 + 9), isMan ? '女儿' : '侄女'],
  };
}

const two = (number: number): string => String(number).padStart(2, '0');
const letter = (letters: string, at: number): string => letters[at % letters.length] ?? '王';

function pick(list: readonly string[], at: number): string {
  return list[at % list.length] ?? '';
}

function phoneOf(serial: number): string {
  return `160${String(10_000_000 + serial)}`;
}

const columns = '姓名,电话,性别,出生日期,楼栋,单元,房号,与房屋关系,特殊需要,标签,紧急联系人,紧急联系人电话,与联系人关系';

/** The table a property manager would have, as CSV. */
export function demoTable(people: readonly DemoPerson[]): string {
  const rows = people.map(({ name, phone, sex, birth, building, unit, room, role, needs, tags, contact }) =>
    [name, phone, sex, birth, building, unit, room, role, needs, tags, ...(contact ?? ['', '', ''])].join(','),
  );
  return [columns, ...rows].join('\r\n');
}
