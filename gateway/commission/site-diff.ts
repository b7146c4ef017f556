import { withoutSecrets } from './handover.ts';

export interface DiffLine {
  readonly sign: '-' | '+';
  readonly text: string;
}

const mostLines = 200;

/**
 * 差异: the lines of a site file that go and those that come, where one edit was made in one place. Both are written in the
 * same way first, so that nothing shows but the edit; secrets are left out.
 */
export function diffOf(before: string, after: string): DiffLine[] {
  const [old, now] = [linesOf(before), linesOf(after)];
  let head = 0;
  while (head < Math.min(old.length, now.length) && old[head] === now[head]) head++;
  let tail = 0;
  const most = Math.min(old.length, now.length) - head;
  while (tail < most && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const cut = (lines: readonly string[]) => lines.slice(head, lines.length - tail);
  const signed = (sign: DiffLine['sign']) => (text: string) => ({ sign, text });
  return [...cut(old).map(signed('-')), ...cut(now).map(signed('+'))].slice(0, mostLines);
}

function linesOf(text: string): string[] {
  return withoutSecrets(text).split('\n');
}
