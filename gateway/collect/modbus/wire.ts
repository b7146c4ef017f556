import { connect } from 'node:net';
import type { SerialPort } from 'serialport';
import type { Clock } from '../../clock.ts';
import type { Problem } from './outcome.ts';
import type { SerialSettings } from './settings.ts';

/** An open byte stream to a bus or a device. */
export interface Wire {
  write(bytes: Uint8Array): void;
  /** Closes it; no event follows. Resolves when it is free for the next one. */
  close(): Promise<void>;
}

export interface WireEvents {
  open(): void;
  data(chunk: Buffer): void;
  /** The wire was lost or could not be had. Called once, and not after `close`. */
  lost(problem: Problem): void;
}

/** Opens a wire; never throws. */
export type Dial = (events: WireEvents) => Wire;

const connectTimeoutMs = 3_000;
const keepAliveMs = 15_000;

/** Calls each event at most until the first loss or close. */
function once(events: WireEvents, release: () => void): WireEvents & { closed: boolean } {
  const guard = {
    closed: false,
    open: () => {
      if (!guard.closed) events.open();
    },
    data: (chunk: Buffer) => {
      if (!guard.closed) events.data(chunk);
    },
    lost: (problem: Problem) => {
      if (guard.closed) return;
      guard.closed = true;
      release();
      events.lost(problem);
    },
  };
  return guard;
}

export function dialTcp(host: string, port: number, clock: Clock): Dial {
  return (events) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs });
    const where = `${host}:${port}`;
    const release = () => {
      timer.cancel();
      socket.destroy();
    };
    const guard = once(events, release);
    const timer = clock.after(connectTimeoutMs, () => guard.lost(socketProblem(where, 'ETIMEDOUT')));
    socket.on('connect', () => {
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
  };
}

function socketProblem(where: string, code: string): Problem {
  const causes: Record<string, Problem> = {
    ECONNREFUSED: {
      zh: '拒绝连接，请核对端口号，并确认设备已启用 Modbus TCP',
      en: 'refuses the connection; check the port number and that Modbus TCP is enabled',
    },
    ENOTFOUND: { zh: '找不到该主机名，请核对或改用 IP 地址', en: 'is not a known name; check it or use the IP address' },
    ETIMEDOUT: { zh: '无法到达，请检查供电、网线和网段', en: 'cannot be reached; check power, cable and subnet' },
    EHOSTUNREACH: { zh: '无法到达，请检查供电、网线和网段', en: 'cannot be reached; check power, cable and subnet' },
    END: { zh: '断开了连接，将自动重连', en: 'closed the connection; it is opened again by itself' },
    ECONNRESET: { zh: '断开了连接，将自动重连', en: 'closed the connection; it is opened again by itself' },
  };
  const cause = causes[code] ?? { zh: `连接出错（${code}）`, en: `has a connection problem (${code})` };
  return { zh: `${where} ${cause.zh}。`, en: `${where} ${cause.en}.` };
}

/** Opens a serial port. */
export function dialSerial(settings: SerialSettings): Dial {
  return (events) => {
    let port: SerialPort | undefined;
    const guard = once(events, () => void closeSerial(port));
    const opening = openSerial(settings).then(
      (opened) => {
        port = opened;
        port.on('error', (error) => guard.lost(serialProblem(settings.path, error.message)));
        if (guard.closed) return;
        port.on('data', (chunk: Buffer) => guard.data(chunk));
        port.on('close', () => guard.lost(serialProblem(settings.path, 'closed')));
        guard.open();
      },
      (error: Error) => guard.lost(serialProblem(settings.path, error.message)),
    );
    return {
      write: (bytes) => void port?.write(Buffer.from(bytes)),
      close: async () => {
        guard.closed = true;
        await opening;
        await closeSerial(port);
      },
    };
  };
}

async function openSerial({ path, baud, parity, stopBits, dataBits }: SerialSettings): Promise<SerialPort> {
  // The native binding is loaded only on gateways that have a serial line.
  const { SerialPort } = await import('serialport');
  const port = new SerialPort({ path, baudRate: baud, parity, stopBits, dataBits, autoOpen: false });
  await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
  return port;
}

function closeSerial(port: SerialPort | undefined): Promise<void> {
  return new Promise((resolve) => {
    // A port that vanished fails to close; there is nothing left to let go of then.
    if (port?.isOpen === true) port.close(() => resolve());
    else resolve();
  });
}

function serialProblem(path: string, cause: string): Problem {
  if (/no such file|ENOENT/i.test(cause)) {
    return {
      zh: `找不到串口 ${path}。请检查 USB 转换器是否插好。`,
      en: `There is no serial port ${path}. Check that the adapter is plugged in.`,
    };
  }
  if (/permission|EACCES/i.test(cause)) {
    return {
      zh: `没有权限打开串口 ${path}。请把运行账号加入 dialout 组。`,
      en: `No permission to open ${path}. Add the account to the group dialout.`,
    };
  }
  if (/lock|busy/i.test(cause)) {
    return {
      zh: `串口 ${path} 正被其他程序占用。请先关闭它。`,
      en: `Serial port ${path} is in use by another program. Close that first.`,
    };
  }
  return {
    zh: `串口 ${path} 已断开（${cause}），将自动重连。`,
    en: `Serial port ${path} was lost (${cause}); it is opened again by itself.`,
  };
}
