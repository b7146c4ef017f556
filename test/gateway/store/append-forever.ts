import { systemClock } from '../../../gateway/clock.ts';
import { openLog } from '../../../gateway/store/sqlite-log.ts';
import { alarm, bulky, commit } from './log-fixtures.ts';

/**
 * Appends until it is killed, eight calls at a time; says each ack on stdout as `lane sequence number`.
 * Arguments: folder, first number, bytes of the log. A reader drains beside it, so that kills fall into its moves too.
 */
const [folder = '', firstNumber = '0', maxBytes = '0'] = process.argv.slice(2);
const log = await openLog({ folder, readers: ['cloud', 'history'], clock: systemClock, maxBytes: Number(maxBytes) });
let n = Number(firstNumber);

async function appendForever(): Promise<never> {
  for (;;) {
    const mine = ++n;
    const appended = await log.append(commit({ telemetry: [bulky(mine, 1500)], alarm: mine % 5 === 0 ? [alarm(mine)] : [] }));
    process.stdout.write(`telemetry ${appended.telemetry} ${mine}\n`);
    if (appended.alarm > 0) process.stdout.write(`alarm ${appended.alarm} ${mine}\n`);
  }
}

async function drainForever(): Promise<never> {
  for (;;) {
    const batches = await log.read('history', 'telemetry', 64 * 1024);
    const last = batches.at(-1);
    if (last !== undefined) await log.moveCursor('history', 'telemetry', last.last);
    await systemClock.sleep(20);
  }
}

await Promise.all([...Array.from({ length: 8 }, appendForever), drainForever()]);
