import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';

/** Why the cloud could not start, as a sentence with the next thing to do. `cause` holds the detail for the log. */
export class StartProblem extends Error {
  readonly code: string;
  readonly sentence: Text;

  constructor(code: string, sentence: Text, cause?: unknown) {
    super(sentence.en ?? sentence.zh, { cause });
    this.code = code;
    this.sentence = sentence;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const unwritable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOSPC', 'EEXIST']);

export function dataProblem(folder: string, error: unknown): StartProblem {
  const full = codeOf(error) === 'ENOSPC';
  const zh = full
    ? `磁盘已满，写不了 ${folder}。请清理磁盘后重试。`
    : `写不了数据目录 ${folder}。请换一个目录（--data），或改它的权限。`;
  const en = full
    ? `The disk is full, ${folder} cannot be written. Make room on it and try again.`
    : `The data folder ${folder} cannot be written. Choose another with --data, or change its rights.`;
  return new StartProblem('data-folder', { zh, en }, error);
}

export function embeddedProblem(folder: string, error: unknown): StartProblem {
  if (unwritable.has(codeOf(error))) return dataProblem(folder, error);
  const said = messageOf(error);
  // initdb and the server say it in words of their own.
  if (/No space left on device/.test(said)) return dataProblem(folder, Object.assign(new Error(said), { code: 'ENOSPC' }));
  if (/in use by another process|left behind/.test(said)) return inUseProblem(folder, error);
  if (/choose a folder outside/.test(said)) {
    const zh = `数据库用非 root 账号运行，进不了 ${folder}。请用 --data 换一个它能进入的目录（不要放在 /root 下）。`;
    const en = `The database runs under an account that is not root and cannot enter ${folder}. Choose another folder with --data, not below /root.`;
    return new StartProblem('data-folder', { zh, en }, error);
  }
  const zh = `自带的数据库没有启动：${said}。请看日志；也可以用 --database-url 连接已有的 PostgreSQL。`;
  const en = `The embedded database did not start: ${said}. See the log, or use a PostgreSQL of your own with --database-url.`;
  return new StartProblem('database', { zh, en }, error);
}

export function inUseProblem(folder: string, error?: unknown): StartProblem {
  const zh = `已有一个一呼云在用 ${folder}。请先停掉它，或用 --data 换一个目录。`;
  const en = `Another Yihu cloud is using ${folder}. Stop it first, or choose another folder with --data.`;
  return new StartProblem('already-running', { zh, en }, error);
}

/** What PostgreSQL's refusals mean to whoever wrote the address. */
export function databaseProblem(error: unknown): StartProblem {
  const code = codeOf(error);
  if (code === '28P01' || code === '28000') {
    const zh = '数据库拒绝了用户名或密码。请检查 --database-url 里的用户和密码。';
    const en = 'The database refused the user or password. Check both in --database-url.';
    return new StartProblem('database-password', { zh, en }, error);
  }
  if (code === '3D000') {
    const zh = '数据库服务器上没有这个库。请先 createdb，或改 --database-url 的库名。';
    const en = 'The server has no such database. Create it with createdb, or change its name in --database-url.';
    return new StartProblem('database-name', { zh, en }, error);
  }
  if (code === '42501') {
    const zh = '这个数据库用户无权建表。请给它该库的权限（grant create on schema public）。';
    const en = 'This database user may not create tables. Grant it the right (grant create on schema public).';
    return new StartProblem('database-rights', { zh, en }, error);
  }
  const away = ['ECONNREFUSED', 'ENOTFOUND', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'EAI_AGAIN'].includes(code);
  const zh = away
    ? `连不上数据库（${code}）。请确认它在运行，并检查 --database-url 的主机和端口。`
    : `数据库出错：${messageOf(error)}。请看数据库的日志，改好后再启动。`;
  const en = away
    ? `The database cannot be reached (${code}). See that it is running, and check host and port in --database-url.`
    : `The database failed: ${messageOf(error)}. See its log, mend it, and start again.`;
  return new StartProblem('database', { zh, en }, error);
}

/** `flag` is the setting that moves the listener elsewhere. */
export function listenProblem(where: string, flag: string, error: unknown): StartProblem {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') {
    const zh = `端口已被占用：${where}。请停掉占用它的程序，或用 ${flag} 换一个端口。`;
    const en = `The port is in use: ${where}. Stop the program that holds it, or choose another port with ${flag}.`;
    return new StartProblem('port-in-use', { zh, en }, error);
  }
  if (code === 'EACCES') {
    const zh = `无权监听 ${where}（1024 以下的端口要特权）。请用 ${flag} 换一个端口。`;
    const en = `Not allowed to listen on ${where} (ports below 1024 need privileges). Choose another port with ${flag}.`;
    return new StartProblem('port-rights', { zh, en }, error);
  }
  const zh = `无法监听 ${where}：${messageOf(error)}。请检查 ${flag}。`;
  const en = `Cannot listen on ${where}: ${messageOf(error)}. Check ${flag}.`;
  return new StartProblem('listen', { zh, en }, error);
}

/** Everything that is wrong with the channels file: a cloud that cannot reach anybody must not look like one that can. */
export function channelsProblem(
  file: string,
  problems: readonly { readonly path: string; readonly message: Text }[],
): StartProblem {
  const list = (language: 'zh' | 'en') =>
    problems.map(({ path, message }) => `\n  ${path || file}: ${message[language] ?? message.zh}`).join('');
  return new StartProblem('channels', {
    zh: `渠道文件 ${file} 有 ${problems.length} 个问题，改好后再启动：${list('zh')}`,
    en: `The channels file ${file} has ${problems.length} problem(s); mend it and start again:${list('en')}`,
  });
}

type KeyFault = 'open-to-others' | 'unreadable' | 'not-a-key-file' | 'missing' | 'other-key';

/** The key of the personal data cannot be used; without it nothing that was sealed can be read, so nothing starts. */
export function keyProblem(file: string, fault: KeyFault, error: unknown): StartProblem {
  const sentences: Readonly<Record<KeyFault, Text>> = {
    'open-to-others': {
      zh: `个人信息密钥 ${file} 其他人也能读取，不安全。请先执行 chmod 600 ${file}，并想想谁可能已经看过它。`,
      en: `The key of the personal data, ${file}, can be read by others. Run chmod 600 ${file} first, and think who may have read it.`,
    },
    unreadable: {
      zh: `读不了个人信息密钥 ${file}。请检查文件的属主和权限。`,
      en: `The key of the personal data, ${file}, cannot be read. Check its owner and rights.`,
    },
    'not-a-key-file': {
      zh: `${file} 不是完好的密钥文件。请从备份恢复它，不要新建。`,
      en: `${file} is no whole key file. Restore it from a backup; do not make a new one.`,
    },
    missing: {
      zh: `数据库里已有加密的个人信息，但找不到密钥 ${file}。请从备份恢复这个文件，或用 --people-key-file 指出它在哪里。`,
      en: `The database has sealed personal data, and its key ${file} is missing. Restore that file from a backup, or say where it is with --people-key-file.`,
    },
    'other-key': {
      zh: `${file} 不是封存这个数据库的密钥。请换回原来的文件，或检查 --database-url 是否连错了库。`,
      en: `${file} is not the key that sealed this database. Put the right file back, or see whether --database-url names the right database.`,
    },
  };
  return new StartProblem(`people-key-${fault}`, sentences[fault], error);
}
