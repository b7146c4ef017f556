import type { Problem } from '../problems.ts';
import type { Sentence } from './request.ts';

/** What people are told of a change, and what to do next. */
export const sentences = {
  busy: {
    zh: '另一个变更还没有结束，请等它生效或回滚后再试。',
    en: 'Another change is not over yet; wait until it is kept or rolled back.',
  },
  stopping: { zh: '网关正在停止，没有变更。', en: 'The gateway is stopping; nothing was changed.' },
  interrupted: {
    zh: '网关在变更途中停了（断电、崩溃或被停止），已按原来的现场文件启动。',
    en: 'The gateway ended in the middle of the change (power, a crash or a stop) and came up with the site file it had before.',
  },
  noSuchDevice: {
    zh: '要改阈值的设备已不在现场文件里，没有采用。请刷新后再看。',
    en: 'A device whose limit was to be changed is no longer in the site file; nothing was done. Look again.',
  },
  problems: {
    zh: '现场文件有问题，整份没有采用，原来的现场照常运行。请按列出的逐条改好后再下发。',
    en: 'The site file has problems and was refused whole; the old site runs on. Mend what is listed and push it again.',
  },
  pushFailed: {
    zh: '云端下发的现场配置没能处理完，会再试；请检查磁盘空间和数据目录的权限。',
    en: 'A site pushed by the cloud could not be dealt with and is tried again; check the disk space and the data folder’s permissions.',
  },
  asked: { zh: '有人要求撤回这个变更。', en: 'Somebody asked to take the change back.' },
} as const satisfies Record<string, Sentence>;

export function notWritable(file: string, error: unknown): Sentence {
  const code = codeOf(error);
  return {
    zh: `没有变更：写不了 ${file} 旁边的文件（${code}）。请检查这个目录的权限和磁盘空间。`,
    en: `Nothing was changed: no file can be written beside ${file} (${code}). Check the folder’s permissions and the disk.`,
  };
}

/** The site is not the one that the push was made for. */
export function conflict(file: string, isEdited: boolean): Sentence {
  return isEdited
    ? {
        zh: `没有变更：${file} 在现场改过、还没有生效。请先在网关上生效或撤回它，再下发。`,
        en: `Nothing was changed: ${file} was edited on the gateway and not applied. Apply it or take it back there, then push again.`,
      }
    : {
        zh: '没有变更：网关上的现场与下发时依据的不同（现场改过）。请看清现在的现场，再依据它下发。',
        en: 'Nothing was changed: the gateway’s site is not the one this push was made for (it was changed there). Look at what it is now and push over that.',
      };
}

export function notApplied(error: unknown): Sentence {
  return {
    zh: `新的现场没有用上（${codeOf(error)}），已退回原来的。请检查磁盘空间和存储目录。`,
    en: `The new site could not be taken up (${codeOf(error)}); the old one is back. Check the disk space and the store folder.`,
  };
}

export function notVerified(withinMs: number, missing: readonly Sentence[]): Sentence {
  const seconds = Math.round(withinMs / 1000);
  const some = missing.slice(0, 10);
  const more = missing.length - some.length;
  return {
    zh: `${seconds} 秒内没有验证通过：${some.map(({ zh }) => zh).join('')}${more > 0 ? `还有 ${more} 条。` : ''}`,
    en: `Not verified within ${seconds} s: ${some.map(({ en }) => en).join(' ')}${more > 0 ? ` And ${more} more.` : ''}`,
  };
}

/** A section that only a restart changes, as a problem of the file. */
export function needsRestart(file: string, text: string, section: string): Problem {
  const [head = ''] = section.split('.');
  const line = text.split('\n').findIndex((each) => each.startsWith(`${head}:`)) + 1;
  return {
    file,
    line: Math.max(1, line),
    path: section,
    zh: `${section} 不能在运行中改。请把它改回去；真要改时停下网关，换好现场文件再启动。`,
    en: `${section} cannot be changed while the gateway runs. Put it back; to change it, stop the gateway, replace the site file and start it again.`,
  };
}

function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? (error instanceof Error ? error.message : String(error));
}
