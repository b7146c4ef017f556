/** Why the demonstration did not start, with the next thing to do, in both languages. */
export class DemoFailure extends Error {
  readonly zh: string;
  readonly en: string;

  constructor(zh: string, en: string) {
    super(en);
    this.zh = zh;
    this.en = en;
  }
}

/** Any error as two sentences. */
export function failureOf(error: unknown): { readonly zh: string; readonly en: string } {
  if (error instanceof DemoFailure) return error;
  const { code, path, message } = error as NodeJS.ErrnoException;
  const where = path ?? '';
  if (code === 'ENOSPC')
    return {
      zh: `磁盘已满，写不了 ${where}。清出空间后再运行。`,
      en: `The disk is full, ${where} cannot be written. Make room and start again.`,
    };
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return {
      zh: `写不了 ${where}（${code}）。请检查它的属主和权限；数据目录可用 YIHU_DATA 换一个。`,
      en: `${where} cannot be written (${code}). Check its owner and rights; YIHU_DATA names another data folder.`,
    };
  const said = error instanceof Error ? message : String(error);
  return { zh: said, en: said };
}
