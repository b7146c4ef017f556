import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { type Output, exit } from './output.ts';

/** An MQTT broker as it is named on the command line; its password never stands there. */
export function brokerUrl(text: string): string {
  if (!/^mqtts?:\/\/[^/\s@]+$/.test(text))
    throw new InvalidArgumentError('要写成 mqtt://主机:端口 / write it as mqtt://host:port');
  return text;
}

/** Null where it cannot be read, which has been said then. */
export function passwordIn(file: string, output: Output): string | null {
  try {
    return readFileSync(file, 'utf8').trimEnd();
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    output.fail(exit.usage, {
      zh: `读不到密码文件 ${file}（${code}）。请检查路径和权限：ls -l ${file}`,
      en: `The password file ${file} cannot be read (${code}). Check its path and permissions: ls -l ${file}`,
    });
    return null;
  }
}
