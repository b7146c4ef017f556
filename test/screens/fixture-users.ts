import type { Role, Session } from '@yihu/device-profiles/vocabulary/view.ts';
import type { Answer, World } from './fixture-api.ts';

export interface UserView {
  id: string;
  account: string;
  name: string;
  phone: string | null;
  onDuty: boolean;
  disabledAt: number | null;
  createdAt: number;
  version: number;
  grants: { area: string; areaName: string; role: Role }[];
}

export const adminSession: Session = {
  user: { id: 'u-admin', account: 'admin', name: '系统管理员' },
  grants: [{ area: '', areaName: '', role: 'admin' }],
  csrf: 'fixture-csrf',
  expiresAt: 4_102_444_800_000,
};

export const workerSession: Session = {
  ...adminSession,
  user: { id: 'u-sun', account: 'sunlei', name: '孙磊' },
  grants: [{ area: 'xingfu/xfl/g1', areaName: '第一网格', role: 'grid-worker' }],
};

const areaNames: Record<string, string> = {
  '': '',
  xingfu: '幸福街道',
  'xingfu/xfl': '幸福里',
  'xingfu/xfl/g1': '第一网格',
  'xingfu/dxy/g1': '第一网格',
  'xingfu/dxy': '丁香苑',
};

const grant = (role: Role, area: string) => ({ role, area, areaName: areaNames[area] ?? area });

export function usersAt(now: number): UserView[] {
  const day = 86_400_000;
  const made = (id: string, name: string, grants: UserView['grants'], more: Partial<UserView> = {}): UserView => ({
    id: `u-${id}`,
    account: id,
    name,
    phone: '13800001234',
    onDuty: false,
    disabledAt: null,
    createdAt: now - 90 * day,
    version: 1,
    grants,
    ...more,
  });
  return [
    made('admin', '系统管理员', [grant('admin', '')], { phone: null }),
    made('wangfang', '王芳', [grant('dispatcher', 'xingfu')], { onDuty: true }),
    made('lijun', '李军', [grant('property', 'xingfu')]),
    made('sunlei', '孙磊', [grant('grid-worker', 'xingfu/xfl/g1'), grant('grid-worker', 'xingfu/dxy/g1')], { onDuty: true }),
    made('anzhuang', '陈安', [grant('installer', 'xingfu')]),
    made('daping', '大屏', [grant('wall', 'xingfu/xfl')], { phone: null }),
    made('zhouwei', '周伟', [grant('grid-worker', 'xingfu/dxy')], { disabledAt: now - 3 * day }),
  ];
}

export function userRoute(world: World, method: string, id: string, body: Record<string, unknown>): Answer {
  if (method === 'GET') return { status: 200, body: world.users };
  if (method === 'POST') {
    const [first] = usersAt(world.now);
    const made = { ...first, ...body, id: `u-${String(body['account'])}`, version: 1, disabledAt: null } as UserView;
    world.users.push(made);
    return { status: 201, body: made };
  }
  const user = world.users.find((one) => one.id === id);
  if (user === undefined) return { status: 404, body: { code: 'not-found', message: { zh: '没有找到。', en: 'Not found.' } } };
  const { disabled, password: _password, version: _version, ...rest } = body;
  Object.assign(user, rest, { version: user.version + 1 });
  if (disabled !== undefined) user.disabledAt = disabled === true ? world.now : null;
  return { status: 200, body: user };
}
