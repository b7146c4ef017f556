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

const firstPeople: readonly { account: string; name: string; role: Role; onDuty: boolean }[] = [
  { account: 'admin', name: '系统管理员', role: 'admin', onDuty: false },
  { account: 'wangfang', name: '王芳', role: 'dispatcher', onDuty: true },
  { account: 'wuye', name: '物业经理', role: 'property', onDuty: false },
  { account: 'anzhuang', name: '安装员', role: 'installer', onDuty: false },
  { account: 'wangge1', name: '李强', role: 'grid-worker', onDuty: true },
  { account: 'daping', name: '大屏', role: 'wall', onDuty: false },
  { account: 'wangge2', name: '赵敏', role: 'grid-worker', onDuty: true },
];

/**
 * Makes the first accounts where the database has none, each with a random password that exists nowhere else.
 * Null where there are accounts already. `area` is the area of everybody but the administrator.
 */
export async function firstStart(
  records: UserRecords,
  passwords: Passwords,
  clock: Clock,
  area: string = everywhere,
): Promise<{ accounts: FirstAccount[] } | null> {
  if ((await records.countUsers()) > 0) return null;
  const accounts = firstPeople.map(({ account, name, role }) => ({ account, name, role, password: randomPassword() }));
  const users: NewUser[] = await Promise.all(
    firstPeople.map(async ({ account, name, role, onDuty }, index) => ({
      id: `u-${uuidv7()}`,
      account,
      name,
      phone: null,
      passwordHash: await passwords.hash(accounts[index]?.password ?? ''),
      onDuty,
      grants: [{ area: role === 'admin' ? everywhere : area, role }],
      at: clock.now(),
    })),
  );
  return (await records.createUsers(users)) ? { accounts } : null;
}
