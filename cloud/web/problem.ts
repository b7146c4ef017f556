import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';

/** Every error the API can answer with: its status and a sentence for the person, with the next thing to do. */
export const problems = {
  'bad-request': [400, '请求不符合要求，请看列出的字段。', 'The request is not as it should be; see the fields listed.'],
  'bad-json': [400, '请求正文不是有效的 JSON。', 'The body of the request is not valid JSON.'],
  'too-deep': [400, '请求正文嵌套过深。', 'The body of the request is nested too deeply.'],
  'too-short': [400, '密码至少 12 个字符。', 'A password has at least 12 characters.'],
  'too-long': [400, '密码过长（最多 128 字节）。', 'The password is too long (128 bytes at most).'],
  'too-simple': [
    400,
    '密码太容易猜，请换一句别人想不到的话。',
    'The password is too easy to guess; use a phrase nobody would think of.',
  ],
  'bad-csr': [
    400,
    '证书请求无效，请在网关上重新认领。',
    'The certificate request is not valid; start the claim again on the gateway.',
  ],
  'no-session': [401, '请先登录。', 'Please sign in.'],
  'wrong-credentials': [401, '账号或密码不对。', 'Wrong account or password.'],
  'bad-key': [
    401,
    '接口密钥无效、已过期或已撤销，请向管理员申请新的。',
    'The API key is not valid, has expired or was revoked; ask an administrator for a new one.',
  ],
  csrf: [403, '页面已过期，请刷新后重试。', 'This page is out of date; reload it and try again.'],
  'wrong-code': [
    403,
    '认领码不对或已过期，请在平台上重新生成。',
    'The claim code is wrong or has expired; make a new one on the platform.',
  ],
  'wrong-password': [403, '密码不对。', 'Wrong password.'],
  'wrong-factor': [403, '验证码不对，请看验证器上现在的六位数字。', 'Wrong code; use the six digits the app shows now.'],
  'used-factor': [403, '这个验证码已经用过，请等下一个。', 'This code was used already; wait for the next one.'],
  'nothing-pending': [409, '绑定已过期，请重新开始。', 'This enrolment is over; start it again.'],
  'no-keys': [403, '这个接口不接受接口密钥。', 'This address takes no API key.'],
  'key-scope': [403, '接口密钥没有这项权限，请看列出的范围。', 'The API key does not have this scope; see the one listed.'],
  'not-yours': [403, '这一步由别人来做。', 'This step is for somebody else to take.'],
  'not-found': [404, '没有找到。', 'Not found.'],
  'method-not-allowed': [405, '不支持这种操作。', 'This method is not supported.'],
  version: [
    409,
    '别人刚刚改过，请看最新内容再操作。',
    'Somebody changed this a moment ago; look at what it is now and try again.',
  ],
  'wrong-state': [409, '当前状态不能这样做。', 'This cannot be done in its present state.'],
  'account-taken': [409, '这个账号已经有人用了，请换一个。', 'This account is taken; choose another.'],
  'already-there': [409, '编号已存在，请换一个。', 'This id exists already; choose another.'],
  'key-reused': [409, '这个请求编号已用于另一个操作。', 'This request key was used for something else.'],
  'too-large': [413, '请求太大（最多 256 KB）。', 'The request is too large (256 KB at most).'],
  'media-type': [415, '请用 JSON 发送请求。', 'Send the request as JSON.'],
  'not-a-photo': [
    415,
    '这不是照片，或照片已损坏。请重新拍一张（JPEG）。',
    'This is no photo, or it is damaged. Take another one (JPEG).',
  ],
  'photo-too-large': [413, '照片太大，请重新拍一张。', 'The photo is too large; take another one.'],
  'reason-needed': [422, '请写明原因。', 'Please give a reason.'],
  refused: [422, '不能这样做。', 'This cannot be done.'],
  'too-many': [429, '操作太频繁，请稍后再试。', 'Too many requests; please wait a moment.'],
  locked: [
    429,
    '验证码错误次数太多，暂时锁定。请稍后再试，或使用恢复码。',
    'Too many wrong codes; locked for a while. Try again later, or use a recovery code.',
  ],
  internal: [
    500,
    '服务器出错了，已记录。请稍后再试。',
    'Something went wrong here and was written down; please try again later.',
  ],
  busy: [503, '登录的人太多，请过几秒再试。', 'Too many people are signing in; try again in a few seconds.'],
  unavailable: [503, '数据库暂时不可用，请稍后再试。', 'The database cannot be reached at the moment; please try again.'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type ProblemCode = keyof typeof problems;

interface Said {
  readonly issues?: Problem['issues'];
  /** The object as it is now, for a conflict. */
  readonly current?: unknown;
  /** A closer code and sentence than the problem's own, where the rule that refused has one. */
  readonly named?: string;
  readonly sentence?: Problem['message'];
}

/** Thrown by a route to answer with a problem. */
export class Refusal extends Error {
  readonly code: ProblemCode;
  readonly issues: Problem['issues'];
  readonly current: unknown;
  readonly named: string | undefined;
  readonly sentence: Problem['message'] | undefined;

  constructor(code: ProblemCode, said: Said = {}) {
    super(code);
    this.code = code;
    this.issues = said.issues;
    this.current = said.current;
    this.named = said.named;
    this.sentence = said.sentence;
  }
}

export function statusOf(code: ProblemCode): number {
  return problems[code][0];
}

export function problemBody(code: ProblemCode, issues?: Problem['issues']): Problem {
  const [, zh, en] = problems[code];
  return issues === undefined ? { code, message: { zh, en } } : { code, message: { zh, en }, issues };
}

/** The value, or "not found" where there is none: what a caller may not see looks the same as what is not there. */
export function found<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Refusal('not-found');
  return value;
}
