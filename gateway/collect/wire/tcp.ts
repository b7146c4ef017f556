import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../../clock.ts';
import type { Problem } from '../poll/outcome.ts';
import { once, type Route, type Wire, type WireEvents } from './wire.ts';

/** Certificates for a TLS connection, PEM. */
export interface TlsFiles {
  /** Who must have signed the peer's certificate; without it, whom the system trusts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The name in the peer's certificate, where it is not the host's. */
  readonly serverName?: string;
}

const connectTimeoutMs = 3_000;
const keepAliveMs = 15_000;

export function tcpRoute(host: string, port: number, clock: Clock): Route {
  const where = `${host}:${port}`;
  const open = () => connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs });
  return { where, dial: (events) => wireOf(open(), 'connect', where, clock, events) };
}

/** `files` is read for each connection, so that a renewed certificate needs no restart; it may throw. */
export function tlsRoute(host: string, port: number, clock: Clock, files: () => TlsFiles): Route {
  const where = `${host}:${port}`;
  return {
    where,
    dial(events) {
      let pem: TlsFiles;
      try {
        pem = files();
      } catch (error) {
        return absent(clock, events, fileProblem(error as NodeJS.ErrnoException));
      }
      const { ca, cert, key, serverName } = pem;
      const socket = connectTls({
        host,
        port,
        // MODBUS/TCP Security v21, R-03: TLS 1.2 or better.
        minVersion: 'TLSv1.2',
        ...(ca !== undefined && { ca }),
        ...(cert !== undefined && { cert }),
        ...(key !== undefined && { key }),
        ...(serverName !== undefined && { servername: serverName }),
      });
      socket.setNoDelay(true);
      socket.setKeepAlive(true, keepAliveMs);
      return wireOf(socket, 'secureConnect', where, clock, events);
    },
  };
}

function wireOf(socket: Socket, opened: 'connect' | 'secureConnect', where: string, clock: Clock, events: WireEvents): Wire {
  const release = () => {
    timer.cancel();
    socket.destroy();
  };
  const guard = once(events, release);
  let isReached = false;
  const timer = clock.after(connectTimeoutMs, () => guard.lost(socketProblem(where, isReached ? 'NOTLS' : 'ETIMEDOUT')));
  socket.on('connect', () => (isReached = true));
  socket.on(opened, () => {
    timer.cancel();
    guard.open();
  });
  socket.on('data', (chunk: Buffer) => guard.data(chunk));
  socket.on('error', (error: NodeJS.ErrnoException) => guard.lost(socketProblem(where, error.code ?? error.message)));
  socket.on('end', () => guard.lost(socketProblem(where, 'END')));
  socket.on('close', () => guard.lost(socketProblem(where, 'END')));
  return {
    write: (bytes) => void socket.write(bytes),
    close: () => {
      guard.closed = true;
      release();
      return Promise.resolve();
    },
  };
}

/** A wire that is not there, and says so in the next turn: nobody expects an event before `dial` has returned. */
export function absent(clock: Clock, events: WireEvents, problem: Problem): Wire {
  const timer = clock.after(0, () => events.lost(problem));
  return {
    write: () => undefined,
    close: () => {
      timer.cancel();
      return Promise.resolve();
    },
  };
}

function fileProblem({ code, path, message }: NodeJS.ErrnoException): Problem {
  const what = path ?? message;
  return {
    zh: `读不到证书文件 ${what}（${code ?? '未知原因'}）。请检查路径和权限。`,
    en: `The certificate file ${what} cannot be read (${code ?? 'unknown'}). Check its path and permissions.`,
  };
}

const socketCauses: Readonly<Record<string, Problem>> = {
  ECONNREFUSED: {
    zh: '拒绝连接，请核对端口号，并确认设备已启用该服务',
    en: 'refuses the connection; check the port number and that the service is enabled',
  },
  ENOTFOUND: { zh: '找不到该主机名，请核对或改用 IP 地址', en: 'is not a known name; check it or use the IP address' },
  ETIMEDOUT: { zh: '无法到达，请检查供电、网线和网段', en: 'cannot be reached; check power, cable and subnet' },
  EHOSTUNREACH: { zh: '无法到达，请检查供电、网线和网段', en: 'cannot be reached; check power, cable and subnet' },
  ENETUNREACH: { zh: '无法到达，请检查网关自己的网络', en: 'cannot be reached; check the network of this gateway' },
  END: { zh: '断开了连接，将自动重连', en: 'closed the connection; it is opened again by itself' },
  ECONNRESET: { zh: '断开了连接，将自动重连', en: 'closed the connection; it is opened again by itself' },
  NOTLS: {
    zh: '已连上，但没有应答 TLS 握手，请核对该端口是否为 TLS',
    en: 'was reached and did not answer the TLS handshake; check whether that port speaks TLS',
  },
  EPROTO: { zh: '不是 TLS 服务，请核对端口', en: 'does not speak TLS there; check the port' },
};

const certificateCause: Problem = {
  zh: '的证书不可信，请核对 CA 文件和服务器名称（serverName）',
  en: 'has a certificate that is not trusted; check the CA file and the serverName',
};

function socketProblem(where: string, code: string): Problem {
  const isCertificate = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/i.test(code);
  const isTls = code.startsWith('ERR_SSL');
  const cause = isCertificate
    ? certificateCause
    : (socketCauses[code] ?? {
        zh: isTls ? `TLS 握手失败（${code}），请核对双方证书` : `连接出错（${code}）`,
        en: isTls
          ? `failed the TLS handshake (${code}); check the certificates of both sides`
          : `has a connection problem (${code})`,
      });
  return { zh: `${where} ${cause.zh}。`, en: `${where} ${cause.en}.` };
}
