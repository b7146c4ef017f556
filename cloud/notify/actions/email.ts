import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { Action, Sent } from '../action.ts';

const Settings = z.strictObject({
  host: z.string().min(1).max(253),
  port: z.number().int().min(1).max(65_535).default(465),
  /** `implicit`: TLS from the first byte (465); `starttls`: required before anything is said (587); `none`: a relay on this machine. */
  tls: z.enum(['implicit', 'starttls', 'none']).default('implicit'),
  user: z.string().optional(),
  passwordFile: z.string().optional(),
  from: z.string().min(3).max(200),
});
type Settings = z.output<typeof Settings>;

/** 电子邮件 over SMTP (RFC 5321). */
export const action: Action<Settings> = {
  name: 'email',
  reaches: 'email',
  settings: Settings,
  open({ host, port, tls, user, passwordFile, from }, { secret }) {
    const transport = createTransport({
      host,
      port,
      secure: tls === 'implicit',
      requireTLS: tls === 'starttls',
      ignoreTLS: tls === 'none',
      pool: true,
      maxConnections: 4,
      connectionTimeout: 5_000,
      greetingTimeout: 5_000,
      socketTimeout: 10_000,
      ...(user !== undefined && passwordFile !== undefined && { auth: { user, pass: secret(passwordFile) } }),
      // No file and no address is ever fetched because a text names one.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return {
      async send({ id, title, text, link, lifeSafety }, to) {
        try {
          const info = await transport.sendMail({
            from,
            to: { name: to.name, address: to.address },
            subject: title,
            text: link === undefined ? text : `${text}\n\n${link}`,
            messageId: `<${id}@yihu>`,
            headers: {
              'auto-submitted': 'auto-generated',
              ...(lifeSafety && { 'x-priority': '1 (Highest)', importance: 'high' }),
            },
          });
          return { state: 'accepted', providerId: info.messageId, receipt: false };
        } catch (error) {
          return sentOfSmtp(error);
        }
      },
      close: () => Promise.resolve(transport.close()),
    };
  },
};

/** RFC 5321 §4.2.1: 4yz passes, 5yz stays. A recipient refused for good is final; a server that is away is not. */
function sentOfSmtp(error: unknown): Sent {
  if (!(error instanceof Error)) throw new TypeError('SMTP failed without an error');
  const { code = '', responseCode } = error as Error & { code?: string; responseCode?: number };
  const known = responseCode === undefined ? code || 'smtp' : String(responseCode);
  const isFinal = responseCode === undefined ? code === 'EENVELOPE' || code === 'EAUTH' : responseCode >= 500;
  if (isFinal)
    return {
      state: 'never',
      code: known,
      reason: { zh: `邮件服务器拒绝（${known}）`, en: `The mail server refuses it (${known})` },
    };
  return {
    state: 'try-again',
    code: known,
    reason: { zh: `邮件暂时发不出（${known}）`, en: `The mail cannot be sent now (${known})` },
  };
}
