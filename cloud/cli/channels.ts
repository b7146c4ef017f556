import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { newVapidKeys } from '../notify/actions/web-push.ts';
import { openChannels } from '../notify/channels.ts';
import { exitCodes, outputOf } from './output.ts';

export function addChannels(program: Command): void {
  const channels = program
    .command('channels')
    .description('通知渠道：短信、语音、邮件、群机器人 / ways to people: text, voice, e-mail, group robots');
  channels
    .command('check')
    .argument('<channels.yaml>')
    .description('检查渠道文件和它的密钥文件，不发送任何消息 / check the file and its secrets; nothing is sent')
    .action(async (file: string, _options: object, command: Command) => {
      const output = outputOf(command);
      // The cloud may do without the file; whoever asks for one by name wants that one.
      if (!existsSync(file))
        return output.fail(exitCodes.problem, {
          zh: `没有文件 ${file}。请检查路径。`,
          en: `There is no file ${file}. Check the path.`,
        });
      const opened = await openChannels(file, { clock: systemClock, onReceipt: () => undefined });
      if ('problems' in opened) {
        const list = (language: 'zh' | 'en') =>
          opened.problems.map(({ path, message }) => `\n  ${path}: ${message[language] ?? message.zh}`).join('');
        const count = opened.problems.length;
        return output.fail(
          exitCodes.problem,
          { zh: `${file} 有 ${count} 个问题：${list('zh')}`, en: `${file} has ${count} problem(s):${list('en')}` },
          { problems: opened.problems },
        );
      }
      const all = [...opened.all.values()].map(({ id, action, reaches, test }) => ({
        id,
        action,
        reaches,
        tested: test !== undefined,
      }));
      await opened.close();
      output.say({ schema: 'yihu.channels/1', channels: all }, [
        {
          zh: `✓ ${all.length} 个渠道可用：${all.map(({ id, action }) => `${id}（${action}）`).join('、')}。下一步：启动后在平台上发一条自检消息。`,
          en: `✓ ${all.length} channel(s) are ready: ${all.map(({ id, action }) => `${id} (${action})`).join(', ')}. Next: start the cloud and send a test message.`,
        },
      ]);
    });
  channels
    .command('push-keys')
    .description('生成网页推送的密钥对 / make the key pair of web push')
    .action((_options: object, command: Command) => {
      const { publicKey, privateKey } = newVapidKeys();
      outputOf(command).say({ schema: 'yihu.push-keys/1', publicKey, privateKey }, [
        {
          zh: `公钥（写入 channels.yaml 的 publicKey）：${publicKey}\n私钥（写入 privateKeyFile 指的文件，权限 600）：${privateKey}`,
          en: `Public key (publicKey in channels.yaml): ${publicKey}\nPrivate key (into the file that privateKeyFile names, mode 600): ${privateKey}`,
        },
      ]);
    });
}
