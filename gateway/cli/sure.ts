import { createInterface } from 'node:readline/promises';
import { type Output, exit } from './output.ts';

/** Asks a person to type yes; without a terminal there is nobody to ask, which is said. `what` names the act. */
export async function isSure(what: string, output: Output): Promise<boolean> {
  if (!process.stdin.isTTY) {
    output.fail(exit.usage, {
      zh: `不在终端上，没法问：确要执行“${what}”，请加 --yes。`,
      en: `There is nobody to ask here: to carry out "${what}", add --yes.`,
    });
    return false;
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const said = await lines.question(output.say({ zh: `确要执行“${what}”吗？输入 yes：`, en: `Carry out "${what}"? Type yes: ` }));
  lines.close();
  if (said.trim().toLowerCase() === 'yes') return true;
  output.fail(exit.problem, { zh: '没有执行。', en: 'Nothing was done.' });
  return false;
}
