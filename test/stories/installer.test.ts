import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type Child, startChild } from '../../demo/child.ts';
import { freePort } from '../../demo/ports.ts';
import { describeWith } from '../needs.ts';
import { openBrowser, openPage } from '../screens/browser.ts';
import { installerPageIsBuilt } from './built-screens.ts';
import { ModbusServer } from './modbus-server.ts';
import { Programs } from './programs.ts';

/**
 * An installer's tasks by keys alone, at a real gateway with simulated meters on a serial server: all keys are counted, those
 * that act, those that only lead from field to field, and text; seconds are printed. The page is the one that `npm run build` puts into the gateway's package.
 */
const password = '二号楼地下室有一只猫和一盏灯';
const patience = { timeout: 60_000 };

let folder: string;
let browser: Browser;
let page: Page;
let others: Programs;
const children: Child[] = [];
const table: string[][] = [];

const device = (unit: number) => ({
  id: `meter-${unit}`,
  profile: 'chint.ddsu666',
  port: 'meters',
  address: { unit },
  name: `${unit} 号表`,
  place: { building: '1', room: String(unit) },
});

function site(name: string, port: number, local: number, units: readonly number[], unknown = 0): string {
  const file = join(folder, name);
  const cabinet = unknown === 0 ? [] : [{ id: 'cabinet', driver: 'modbus', host: '127.0.0.1', port: unknown }];
  const document = {
    schema: 'yihu-site/1',
    gateway: { id: 'gw-1', name: '一号网关' },
    data: 'data',
    listen: `127.0.0.1:${local}`,
    uplink: 'off',
    ports: [{ id: 'meters', driver: 'line', mode: 'tcp', host: '127.0.0.1', port, baud: 9600 }, ...cabinet],
    devices: units.map(device),
  };
  writeFileSync(file, stringify(document));
  return file;
}

async function start(name: string, args: readonly string[]): Promise<Record<string, unknown>> {
  const child = startChild(name, ['gateway/bin/yihu-gateway.js', ...args, '--json'], folder);
  children.push(child);
  return child.started;
}

/** Every key that is pressed in a task: what a click would be (letters that act, Enter), ways between fields, and text. */
const counted = { acts: 0, moves: 0, typed: 0 };
const moving = /^(Shift\+)?Tab$|^Arrow|^ControlOrMeta\+a$/;

async function press(...names: string[]): Promise<void> {
  for (const name of names) {
    counted[moving.test(name) ? 'moves' : 'acts'] += 1;
    await page.keyboard.press(name);
  }
}

async function type(text: string): Promise<void> {
  counted.typed += text.length;
  await page.keyboard.type(text);
}

/** With Tab to what a person would have to reach; a focus that is set by the test is no key of theirs. */
async function tabTo(wanted: Locator, most = 60): Promise<void> {
  for (let i = 0; i < most; i += 1) {
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await press('Tab');
  }
  throw new Error('it cannot be reached with Tab');
}

/** With the arrows to an option of the list that has the focus. */
async function arrowTo(list: Locator, value: string, most = 60): Promise<void> {
  for (let i = 0; i < most; i += 1) {
    if ((await list.inputValue()) === value) return;
    await press('ArrowDown');
  }
  throw new Error(`there is no ${value} below`);
}

/** What stands on the display of the unknown device, and where it stands in its registers. */
async function unknownDevice(): Promise<ModbusServer> {
  const server = await ModbusServer.start(others);
  // 230.2 V with its words swapped; 25.3 as a count of tenths; 1,234.56 as a count of hundredths in two registers.
  for (const [at, word] of [0x3334, 0x4366, 253, 0x0001, 0xe240].entries()) await server.tell(`set ${16 + at} ${word}`);
  return server;
}

async function task(name: string, target: string, run: () => Promise<void>): Promise<void> {
  Object.assign(counted, { acts: 0, moves: 0, typed: 0 });
  const begun = performance.now();
  await run();
  const { acts, moves, typed } = counted;
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  table.push([
    name,
    target,
    `${acts} letters and Enter`,
    `${moves} Tab and arrows`,
    `${typed} typed`,
    `${acts + moves + typed} in all`,
    `${seconds} s`,
  ]);
}

describeWith(['chromium', 'pymodbus'], 'an installer with a keyboard', () => {
  beforeAll(async () => {
    await installerPageIsBuilt();
    folder = mkdtempSync(join(tmpdir(), 'yihu-installer-story-'));
    mkdirSync(join(folder, 'sim'));
    const [wire, local] = [await freePort(0), await freePort(0)];
    // Meter 12 is on the site, and its wire is cut; meter 13 is on the wire, and on no site.
    await start('simulator', ['simulate', site('simulated.yaml', wire, local, [11, 13])]);
    others = new Programs('installer-unknown');
    const { port: unknown } = await unknownDevice();
    await start('gateway', ['run', site('gateway.yaml', wire, local, [11, 12], unknown)]);
    browser = await openBrowser();
    ({ page } = await openPage(browser, { width: 390, height: 844 }));
    await page.goto(`http://127.0.0.1:${local}/`);
  }, 180_000);

  afterAll(async () => {
    const widths = [0, 1, 2, 3, 4, 5, 6].map((i) => Math.max(...table.map((row) => row[i]?.length ?? 0)));
    for (const row of table) console.log(row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '));
    await browser.close();
    await others.dispose();
    for (const child of children.reverse()) {
      child.process.kill('SIGTERM');
      await child.ended;
    }
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  test('goes through the door with the code that the gateway shows to its owner', { timeout: 120_000 }, async () => {
    const { setupCodeIn } = await import('../../gateway/web/access-file.ts');
    const code = (await setupCodeIn(join(folder, 'data', 'local'))) ?? '';
    await page.locator('#code:focus').waitFor(patience);
    await type(code);
    await press('Tab');
    await type(password);
    await press('Enter');
    await page.locator('.port').first().waitFor(patience);
  });

  test('sees why a device gives nothing: request, answer, time and a plain cause', { timeout: 120_000 }, async () => {
    await task('see why a device gives nothing', '≤ 2 clicks', async () => {
      await press('/');
      await page.locator('.search input:focus').waitFor(patience);
      await type('meter-12');
      await page.locator('.row', { hasText: '12 号表' }).waitFor(patience);
      await press('Enter');
      await page.locator('.why', { hasText: '一个字节也没有回' }).waitFor(patience);
    });
    expect(await page.locator('.bytes code').first().innerText()).toMatch(/^0C 0[34]( [0-9A-F]{2})+$/);
    expect(counted.acts).toBeLessThanOrEqual(2);
  });

  test(
    'tests an alarm by one key: kept on the disk, and cleared again where there is no cloud',
    { timeout: 120_000 },
    async () => {
      await page.locator('.alarm-test').waitFor(patience);
      await task('test an alarm (gateway alone: to the disk)', '≤ 3 clicks', async () => {
        await press('t');
        await page.locator('.test-steps [data-step="cleared"]').waitFor(patience);
      });
      expect(await page.locator('.test-steps [data-step="kept"]').innerText()).toMatch(/\d+ ms/);
      expect(counted).toEqual({ acts: 1, moves: 0, typed: 0 });
    },
  );

  test('finds the devices of a bus, sees each as it answers, and can stop', { timeout: 240_000 }, async () => {
    await press('s');
    await page.locator('.line-choice input:checked').waitFor(patience);
    await task('find devices on one bus', '1 click', async () => {
      await press('s');
      await page.locator('.found', { hasText: 'unit 11' }).waitFor({ timeout: 90_000 });
    });
    expect(counted).toEqual({ acts: 1, moves: 0, typed: 0 });
    await page.locator('.found', { hasText: 'unit 13' }).waitFor({ timeout: 90_000 });
    expect(await page.locator('.found', { hasText: 'unit 11' }).innerText()).toContain('meter-11');
    expect(await page.locator('.found', { hasText: 'unit 13' }).innerText()).toContain('未接入');
    await tabTo(page.locator('.scan-answers button'), 200);
    await press('Enter');
    await page.locator('.scan-progress[data-state="stopped"]').waitFor(patience);
  });

  test('reads a device nobody knows, in every type and order side by side', { timeout: 120_000 }, async () => {
    await task('probe an unknown device', '≤ 5 min, no code', async () => {
      await tabTo(page.locator('.found', { hasText: 'unit 13' }).getByRole('link', { name: '试读' }));
      await press('Enter');
      await page.locator('#probe-at:focus').waitFor(patience);
      // Its registers are input registers.
      await press('Shift+Tab', 'ArrowDown', 'Tab', 'ControlOrMeta+a');
      await type('0x2000');
      await press('Enter');
      await page.locator('.register').first().waitFor(patience);
      await tabTo(page.locator('.register summary').first());
      await press('Enter');
      await page.locator('.guesses li').first().waitFor(patience);
    });
    const ways = await page.locator('.guesses').first().innerText();
    for (const way of ['u16 ABCD', 'f32 ABCD', 'f32 CDAB', 's32 ABCD']) expect(ways.replaceAll('\n', ' ')).toContain(way);
  });

  test('adds what the scan found: profile and address are there, name and room are typed', { timeout: 240_000 }, async () => {
    await press('s');
    const found = page.locator('.found', { hasText: 'unit 13' });
    await found.waitFor(patience);
    await task('add a known meter', '≤ 6 clicks, ≤ 60 s', async () => {
      await tabTo(found.getByRole('link', { name: '接入' }));
      await press('Enter');
      await page.locator('#change-profile:focus').waitFor(patience);
      await press('ControlOrMeta+a');
      await type('chint.ddsu666');
      await press('Tab');
      await type('13 号表');
      await press('Tab', 'Tab');
      await type('13');
      await press('Enter');
      await page.locator('#change-apply:focus').waitFor(patience);
      await press('Enter');
      await page.locator('.change-trial[data-state="kept"]').waitFor({ timeout: 125_000 });
    });
    expect(readFileSync(join(folder, 'gateway.yaml'), 'utf8')).toContain('meters-13');
    expect(counted.acts).toBeLessThanOrEqual(6);
    await press('d');
    await page.locator('.row', { hasText: '13 号表' }).filter({ hasText: '在线' }).waitFor(patience);
  });

  test(
    'makes a profile of a device nobody knows by what its display shows, without a line of code',
    { timeout: 240_000 },
    async () => {
      await page.goto(new URL('/probe', page.url()).href);
      await page.locator('#probe-at:focus').waitFor(patience);
      await task('unknown device: registers to a saved profile', '≤ 5 min, no code', async () => {
        await press('Shift+Tab', 'Shift+Tab', 'Shift+Tab');
        await arrowTo(page.locator('#probe-place'), 'port:cabinet');
        await press('Tab', 'Tab', 'Tab', 'ControlOrMeta+a');
        await type('16');
        await press('Enter');
        await page.locator('#making-name').waitFor(patience);
        for (const [quantity, shown] of [
          ['voltage', '230.2'],
          ['energy_total', '1234.56'],
          ['temperature', '25.3'],
        ] as const) {
          await tabTo(page.locator('#making-name'));
          await arrowTo(page.locator('#making-name'), quantity);
          await press('Tab');
          await type(shown);
          await press('Enter');
          await page.locator('.making-match:focus').waitFor(patience);
          await press('Enter');
          await page.locator('#making-name:focus').waitFor(patience);
        }
        await tabTo(page.locator('#making-maker'));
        await type('ACME');
        await press('Tab');
        await type('PX-1');
        await press('Enter');
        await page.locator('#making-save:focus').waitFor(patience);
        await press('Enter');
        await page.locator('.making-saved', { hasText: 'acme.px-1' }).waitFor(patience);
      });
      expect(await page.locator('.register[data-taken="true"]').count()).toBe(5);
      const profile = readFileSync(join(folder, 'profiles/acme/px-1.yaml'), 'utf8');
      for (const line of ['order: CDAB', 'scale: 0.01', 'origin: recorded']) expect(profile).toContain(line);
      expect(counted.acts).toBeLessThanOrEqual(10);
    },
  );

  test('adds the device with the profile that was just made, and sees its value', { timeout: 240_000 }, async () => {
    await task('add it with the new profile', '≤ 6 clicks, ≤ 60 s', async () => {
      await page.locator('#making-add:focus').waitFor(patience);
      await press('Enter');
      await page.locator('#change-profile:focus').waitFor(patience);
      await press('Tab');
      await type('配电柜');
      await press('Enter');
      await page.locator('#change-apply:focus').waitFor(patience);
      await press('Enter');
      await page.locator('.change-trial[data-state="kept"]').waitFor({ timeout: 125_000 });
    });
    expect(counted.acts).toBeLessThanOrEqual(6);
    expect(readFileSync(join(folder, 'gateway.yaml'), 'utf8')).toContain('profiles: [ profiles ]');
    await press('d');
    await page.locator('.row', { hasText: '配电柜' }).filter({ hasText: '230.2' }).waitFor(patience);
  });

  test('leaves the line as it was: its meter is read again', { timeout: 120_000 }, async () => {
    await press('d');
    await page.locator('.search input').waitFor(patience);
    await page.locator('.row', { hasText: '11 号表' }).filter({ hasText: '在线' }).waitFor(patience);
  });
});
