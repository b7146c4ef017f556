import type { Problem } from '@yihu/device-profiles/vocabulary/view.ts';
import type { z } from 'zod';

/** Every error the local API answers with: its status and a sentence for the person, with the next thing to do. */
export const problems = {
  'bad-request': [400, '请求不符合要求，请看列出的字段。', 'The request is not as it should be; see the fields listed.'],
  'bad-json': [400, '请求正文不是有效的 JSON。', 'The body of the request is not valid JSON.'],
  'too-short': [400, '密码至少 12 个字符。', 'A password has at least 12 characters.'],
  'too-simple': [
    400,
    '密码太容易猜，请换一句别人想不到的话。',
    'The password is too easy to guess; use a phrase nobody would think of.',
  ],
  'no-session': [401, '请先登录。', 'Please sign in.'],
  'wrong-password': [
    401,
    '密码不对。忘记密码时在网关上运行 yihu-gateway login reset。',
    'Wrong password. If it is lost, run yihu-gateway login reset on the gateway.',
  ],
  'wrong-code': [
    401,
    '安装码不对。它在网关启动时显示，也可在网关上运行 yihu-gateway status 查看。',
    'Wrong setup code. The gateway shows it when it starts; yihu-gateway status on the gateway shows it again.',
  ],
  csrf: [403, '页面已过期，请刷新后重试。', 'This page is out of date; reload it and try again.'],
  host: [403, '请用网关的 IP 地址或主机名打开本页。', 'Open this page by the IP address or the host name of the gateway.'],
  'this-machine-only': [403, '只能在网关本机上查看，或登录后查看。', 'Only on the gateway itself, or signed in.'],
  'not-found': [404, '没有找到。', 'Not found.'],
  'set-up': [409, '已经设置过密码，请用密码登录。', 'A password is set already; sign in with it.'],
  'not-set-up': [409, '还没有设置密码，请先输入安装码。', 'No password is set yet; begin with the setup code.'],
  'too-large': [413, '请求太大（最多 256 KB）。', 'The request is too large (256 KB at most).'],
  'media-type': [415, '请用 JSON 发送请求。', 'Send the request as JSON.'],
  refused: [422, '不能这样做。', 'This cannot be done.'],
  'too-many': [429, '试得太多，请稍后再试。', 'Too many tries; please wait.'],
  internal: [
    500,
    '网关出错了，已记录。请稍后再试。',
    'Something went wrong in the gateway and was written down; please try again later.',
  ],
  busy: [503, '登录的人太多，请过几秒再试。', 'Too many people are signing in; try again in a few seconds.'],
} as const satisfies Record<string, readonly [number, string, string]>;

export type ProblemCode = keyof typeof problems;

/** Thrown by a route to answer with a problem. */
export class Refusal extends Error {
  readonly code: ProblemCode;
  readonly issues: Problem['issues'];
  readonly sentence: Problem['message'] | undefined;
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number | undefined;

  constructor(code: ProblemCode, said: { issues?: Problem['issues']; sentence?: Problem['message']; retryAfter?: number } = {}) {
    super(code);
    this.code = code;
    this.issues = said.issues;
    this.sentence = said.sentence;
    this.retryAfter = said.retryAfter;
  }
}

export function statusOf(code: ProblemCode): number {
  return problems[code][0];
}

export function problemBody({ code, issues, sentence }: Pick<Refusal, 'code' | 'issues' | 'sentence'>): Problem {
  const [, zh, en] = problems[code];
  return { code, message: sentence ?? { zh, en }, ...(issues === undefined ? {} : { issues }) };
}

/** What a request must look like, or a refusal that lists every field that does not. */
export function given<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(({ path, message }) => ({ path: `/${path.map(String).join('/')}`, message }));
  throw new Refusal('bad-request', { issues });
}

/** The value, or "not found" where there is none. */
export function found<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Refusal('not-found');
  return value;
}
