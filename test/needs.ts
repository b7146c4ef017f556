import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe } from 'vitest';

/** What a test may need of the machine, and how to see that it is there. `test/system-packages.sh` installs all of it. */
const probes = {
  chromium: () => existsSync('/usr/bin/chromium'),
  mosquitto: () => existsSync('/usr/sbin/mosquitto') && existsSync('/usr/bin/mosquitto_pub'),
  influxd: () => existsSync('/usr/bin/influxd') && existsSync('/usr/bin/influx'),
  pymodbus: () => spawnSync('/usr/bin/python3', ['-c', 'import pymodbus']).status === 0,
  libmodbus: () => spawnSync('/usr/bin/python3', ['-c', 'import ctypes; ctypes.CDLL("libmodbus.so.5")']).status === 0,
  mbpoll: () => existsSync('/usr/bin/mbpoll'),
  python: () => existsSync('/usr/bin/python3'),
  ffmpeg: () => existsSync('/usr/bin/ffmpeg'),
  curl: () => existsSync('/usr/bin/curl'),
  lighttpd: () => existsSync('/usr/sbin/lighttpd'),
  nut: () => existsSync('/lib/nut/blazer_ser') && existsSync('/lib/nut/nutdrv_qx'),
  socat: () => existsSync('/usr/bin/socat'),
  stdnum: () => spawnSync('/usr/bin/python3', ['-c', 'import stdnum.cn.uscc']).status === 0,
  openpyxl: () => spawnSync('/usr/bin/python3', ['-c', 'import openpyxl']).status === 0,
  postgres: () => existsSync('/usr/lib/postgresql/15/bin/postgres'),
  aiosmtpd: () => spawnSync('/usr/bin/python3', ['-c', 'import aiosmtpd']).status === 0,
  netSmpp: () => spawnSync('/usr/bin/perl', ['-MNet::SMPP', '-e', '1']).status === 0,
  faketime: () => fakeTimeLibrary() !== undefined,
  root: () => process.getuid?.() === 0,
} as const;

/** What a program is started with so that its wall clock can be set from outside; see faketime(1). */
export function fakeTimeLibrary(): string | undefined {
  const places = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((arch) => `/usr/lib/${arch}/faketime/libfaketimeMT.so.1`);
  return places.find((path) => existsSync(path));
}

export type Need = keyof typeof probes;

/** `describe` for tests that need something of the machine: skipped with a reason where it is missing, a failure in CI. */
export function describeWith(needs: readonly Need[], name: string, body: () => void): void {
  const missing = needs.filter((need) => !probes[need]());
  if (missing.length === 0) return void describe(name, body);
  if (process.env['CI'] === 'true') throw new Error(`${name}: needs ${missing.join(', ')}, and in CI nothing is skipped`);
  describe.skip(`${name} (skipped: needs ${missing.join(', ')})`, body);
}
