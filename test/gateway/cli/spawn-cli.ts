import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../../gateway/bin/yihu-gateway.js', import.meta.url));

/** As little as a terminal has, and where Node keeps what it compiled. */
const { PATH = '', NODE_COMPILE_CACHE } = process.env;
const bare = { PATH, ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }) };

export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

let free = 4;
const queue: (() => void)[] = [];

/** At most four at a time: the machine has other things to do. */
async function seat(): Promise<() => void> {
  if (free === 0) await new Promise<void>((resolve) => queue.push(resolve));
  else free--;
  return () => {
    const next = queue.shift();
    if (next) next();
    else free++;
  };
}

/** Runs a command to its end, as a person at a terminal in English would. */
export async function cli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = { LANG: 'en_US.UTF-8' },
): Promise<Said> {
  const leave = await seat();
  try {
    const child = spawn(process.execPath, [program, ...args], {
      env: { ...bare, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return await ended(child);
  } finally {
    leave();
  }
}

function ended(child: ChildProcess): Promise<Said> {
  let [out, err] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out, err })));
}

/** A command that stays: `first` resolves with its first line, `end` when it ended. */
export function staying(args: readonly string[], cwd: string) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...bare, LANG: 'en_US.UTF-8' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const end = ended(child);
  const first = new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    void end.then(({ code, err }) => reject(new Error(`ended with ${code}: ${err}`)));
  });
  return { child, first, end };
}

/** The one JSON document on standard output. */
export function documentOf({ out }: Said): Record<string, unknown> {
  return JSON.parse(out) as Record<string, unknown>;
}
