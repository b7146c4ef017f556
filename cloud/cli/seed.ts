import type { Command } from 'commander';
import { systemClock } from '../clock.ts';
import { seededChance } from '../random.ts';
import { hasArea, settleStreet, writeStreet } from '../records/seed.ts';
import { seedStreet } from '../registry/seed/seed.ts';
import { wholeStreet } from '../registry/seed/tree.ts';
import { withDatabase } from './database.ts';
import { exitCodes, failWith, outputOf } from './output.ts';
import { auditHere, registryDesk } from './registry.ts';
import { settingsOf, withSettings } from './settings.ts';

export function addSeed(program: Command): void {
  withSettings(program.command('seed'))
    .description(
      '造一个街道的测试数据：5 个社区、40 个网格、12,000 户、30,000 人、3,000 台设备，都不是真的 / a street for tests: 5 communities, 40 grids, 12,000 homes, 30,000 people, 3,000 devices, none of them real',
    )
    .option('--seed <number>', '种子：同一个数造出同一个街道 / the same number makes the same street', '1')
    .option('--street <code>', '街道编号 / its code', 'heping')
    .action((options: { seed: string; street: string }, command: Command) => seed(options, command));
}

async function seed({ seed: number, street }: { seed: string; street: string }, command: Command): Promise<void> {
  const output = outputOf(command);
  if (!/^\d{1,9}$/.test(number) || !/^[a-z0-9_-]{1,32}$/.test(street)) {
    const zh = '种子是 1–9 位数字，街道编号用小写字母和数字，如 --seed 7 --street heping。';
    return output.fail(exitCodes.usage, {
      zh,
      en: 'The seed has 1 to 9 digits, the code small letters and digits: --seed 7 --street heping.',
    });
  }
  const settings = settingsOf(command, output);
  if (settings === null) return;
  try {
    await withDatabase(settings, async (database, data) => {
      if (await hasArea(database.db, street)) {
        const zh = `街道 ${street} 已存在，什么也没有造。请用 --street 换一个编号，或换一个数据目录。`;
        return output.fail(exitCodes.problem, {
          zh,
          en: `The street ${street} exists; nothing was made. Choose another with --street, or another data folder.`,
        });
      }
      output.note({ zh: `正在造街道 ${street}，要等一会儿 …`, en: `Making the street ${street}, which takes a while …` });
      const desk = await registryDesk(database, data, settings);
      const [began, at] = [systemClock.mono(), systemClock.now()];
      const made = seedStreet({ chance: seededChance(Number(number)), sealer: desk.sealer, street, size: wholeStreet, at });
      const { people } = await writeStreet(database.db, made, at);
      await settleStreet(database.db);
      await auditHere(database, 'seed', street, { people });
      const seconds = Math.round((systemClock.mono() - began) / 1000);
      const { communities, grids, households, devices } = wholeStreet;
      output.say(
        { schema: 'yihu.seed/1', street, seed: Number(number), communities, grids, households, people, devices, seconds },
        [
          {
            zh: `✓ ${street}：${communities} 个社区、${grids} 个网格、${households} 户、${people} 人、${devices} 台设备，用时 ${seconds} 秒。证件号（00 开头）和电话（160 开头）都不属于任何人。`,
            en: `✓ ${street}: ${communities} communities, ${grids} grids, ${households} households, ${people} people, ${devices} devices in ${seconds} s. Identity numbers (from 00) and telephones (from 160) belong to nobody.`,
          },
        ],
      );
    });
  } catch (error) {
    failWith(output, error);
  }
}
