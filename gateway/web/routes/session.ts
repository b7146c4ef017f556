import { LocalSetup, LocalSignIn, type LocalSession } from '@yihu/device-profiles/vocabulary/local.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { limits } from '../../limits.ts';
import { passwordFlaw } from '../access-file.ts';
import { cookieName } from '../guard.ts';
import { Lockout } from '../lockout.ts';
import type { WebNeeds } from '../needs.ts';
import { given, Refusal } from '../problem.ts';
import { csrfOf, type Sessions } from '../sessions.ts';

/** First start, signing in and out. Tries count before anything is hashed. */
export function sessionRoutes(app: FastifyInstance, needs: WebNeeds, sessions: Sessions): void {
  const { access, gateway, tell } = needs;
  const lockout = new Lockout(needs.clock);

  const enter = async (reply: FastifyReply): Promise<LocalSession> => {
    const token = sessions.open((await access.stamp()).stamp);
    setCookie(reply, token, limits.sessionMostMs);
    return { state: 'signed-in', gateway, csrf: csrfOf(token) };
  };

  const attempt = async (request: FastifyRequest, isRight: () => Promise<boolean>, wrong: 'wrong-code' | 'wrong-password') => {
    const waitMs = lockout.take(request.ip);
    if (waitMs > 0) throw new Refusal('too-many', { retryAfter: Math.ceil(waitMs / 1000), sentence: waitSentence(waitMs) });
    if (await isRight()) return lockout.succeeded(request.ip);
    lockout.failed(request.ip);
    tell('warn', { ip: request.ip, code: wrong }, 'somebody was refused at the local page');
    throw new Refusal(wrong);
  };

  app.get('/api/session', { config: { callers: 'public' } }, async ({ session }): Promise<LocalSession> => {
    if (session !== null) return { state: 'signed-in', gateway, csrf: csrfOf(session) };
    const { isSetUp } = await access.stamp();
    return { state: isSetUp ? 'signed-out' : 'setup', gateway, csrf: null };
  });

  app.post('/api/setup', { config: { callers: 'public' } }, async (request, reply): Promise<LocalSession> => {
    const { code, password } = given(LocalSetup, request.body);
    if ((await access.stamp()).isSetUp) throw new Refusal('set-up');
    const flaw = passwordFlaw(password);
    if (flaw !== null) throw new Refusal(flaw);
    await attempt(request, () => access.isCode(code), 'wrong-code');
    await access.setPassword(password);
    tell('info', { ip: request.ip }, 'the password of the local page was chosen');
    return enter(reply);
  });

  app.post('/api/session', { config: { callers: 'public' } }, async (request, reply): Promise<LocalSession> => {
    const { password } = given(LocalSignIn, request.body);
    if (!(await access.stamp()).isSetUp) throw new Refusal('not-set-up');
    await attempt(request, () => access.isPassword(password), 'wrong-password');
    tell('info', { ip: request.ip }, 'an installer signed in at the local page');
    return enter(reply);
  });

  app.delete('/api/session', { config: { callers: 'installer' } }, async ({ session }, reply) => {
    if (session !== null) sessions.close(session);
    setCookie(reply, '', 0);
    return reply.code(204).send();
  });
}

/** Over plain HTTP a cookie cannot be `Secure`; it is kept from scripts and from every other site. */
function setCookie(reply: FastifyReply, token: string, ms: number): void {
  void reply.header('set-cookie', `${cookieName}=${token}; Path=/; Max-Age=${Math.floor(ms / 1000)}; HttpOnly; SameSite=Strict`);
}

function waitSentence(ms: number) {
  const seconds = Math.ceil(ms / 1000);
  return { zh: `试得太多，请等 ${seconds} 秒。`, en: `Too many tries; please wait ${seconds} seconds.` };
}
