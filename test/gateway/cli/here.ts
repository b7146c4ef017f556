import { vi } from 'vitest';
import { main } from '../../../gateway/cli/main.ts';

/** One command line in this process: its exit code and what it wrote to standard output. */
export async function here(...args: string[]): Promise<{ code: number; out: string }> {
  const said: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const before = process.exitCode;
  try {
    process.exitCode = 0;
    await main(['node', 'yihu-gateway', ...args]);
    return { code: process.exitCode, out: said.join('') };
  } finally {
    process.exitCode = before;
    write.mockRestore();
  }
}
