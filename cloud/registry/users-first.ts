import type { Role } from '@yihu/device-profiles/vocabulary/view.ts';
import { v7 as uuidv7 } from 'uuid';
import type { Clock } from '../clock.ts';
import { everywhere } from './rights.ts';
import { randomPassword, type Passwords } from './users-passwords.ts';
import type { NewUser, UserRecords } from './users-records.ts';

/** An account as it is printed once at the first start, and never again. */
export interface FirstAccount {
  readonly account: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
}

interface FirstPerson {
  readonly account: string;
  readonly name: string;
  readonly role: Role;
  readonly onDuty: boolean;
}

const administrator: FirstPerson = { account: 'admin', name: '系统管理员', role: 'admin', onDuty: false };

/** Of the demonstration only: they do not exist, and nobody who does not exist may have a right over a real community. */
const demoPeople: readonly FirstPerson[] = [
  { account: 'wangfang', name: '王芳', role: 'dispatcher', onDuty: true },
  { account: 'wuye', name: '物业经理', role: 'property', onDuty: false },
  { account: 'anzhuang', name: '安装员', role: 'installer', onDuty: false },
  { account: 'wangge1', name: '李强', role: 'grid-worker', onDuty: true },
  { account: 'daping', name: '大屏', role: 'wall', onDuty: false },
  { account: 'wangge2', name: '赵敏', role: 'grid-worker', onDuty: true },
];

/**
 * Makes the first accounts where the database has none, each with a random password that exists nowhere else: the
 * administrator, who makes everybody else's. Null where there are accounts already.
 * @param demoArea the area of the demonstration's people; null where it is none.
 */
export async function firstStart(
  records: UserRecords,
  passwords: Passwords,
  clock: Clock,
  demoArea: string | null,
): Promise<{ accounts: FirstAccount[] } | null> {
  if ((await records.countUsers()) > 0) return null;
  const people = demoArea === null ? [administrator] : [administrator, ...demoPeople];
  const accounts = people.map(({ account, name, role }) => ({ account, name, role, password: randomPassword() }));
  const users: NewUser[] = await Promise.all(
    people.map(async ({ account, name, role, onDuty }, index) => ({
      id: `u-${uuidv7()}`,
      account,
      name,
      phone: null,
      passwordHash: await passwords.hash(accounts[index]?.password ?? ''),
      onDuty,
      grants: [{ area: role === 'admin' || demoArea === null ? everywhere : demoArea, role }],
      at: clock.now(),
    })),
  );
  return (await records.createUsers(users)) ? { accounts } : null;
}
