import type { Browser, Page } from 'playwright-core';
import type { Child } from '../../demo/child.ts';
import { type RegisterServer, registerServer } from '../gateway/modbus/register-server.ts';
import { screensAreBuilt } from '../stories/built-screens.ts';
import { Community } from '../stories/community.ts';
import { switchRoom } from '../stories/switch-room.ts';
import { openPage } from './browser.ts';

/** A cloud and a gateway as people run them, and two thermometers that can be made hot. */
export class StaleTown {
  readonly community: Community;
  private cloud: Child;
  private readonly servers: readonly RegisterServer[];

  private constructor(community: Community, cloud: Child, servers: readonly RegisterServer[]) {
    [this.community, this.cloud, this.servers] = [community, cloud, servers];
  }

  static async open(): Promise<StaleTown> {
    await screensAreBuilt();
    const community = await Community.make('stale');
    const servers = await Promise.all([0, 1].map(() => registerServer('tcp', (close) => community.programs.atEnd(close))));
    for (const { holding } of servers) holding.set(0, 412);
    community.writeProfile(switchRoom);
    await community.writeSite({
      profiles: ['profiles'],
      ports: servers.map(({ port }, nth) => ({ id: `room-${nth}`, driver: 'modbus', host: '127.0.0.1', port })),
      devices: servers.map((_, nth) => ({
        id: `busbar-${nth}`,
        profile: switchRoom.id,
        port: `room-${nth}`,
        address: { unit: 1 },
        name: { zh: `${nth}号母排`, en: `Busbar ${nth}` },
        place: { building: String(nth + 1) },
      })),
    });
    const { child } = await community.startCloud();
    await community.claim();
    await community.startGateway();
    return new StaleTown(community, child, servers);
  }

  heat(nth: number): void {
    this.servers[nth]?.holding.set(0, 950);
  }

  async screen(browser: Browser, role: string, path: string): Promise<{ page: Page; errors: string[] }> {
    const opened = await openPage(browser);
    const { page } = opened;
    const { account, password } = this.community.account(role);
    await page.goto(this.community.url + path);
    await page.fill('#account', account);
    await page.fill('#password', password);
    await page.keyboard.press('Enter');
    await page.locator('[data-freshness="fresh"]').waitFor({ timeout: 30_000 });
    // A page that was loaded anew would have lost this.
    await page.evaluate('window.neverReloaded = true');
    return opened;
  }

  async kill(): Promise<void> {
    this.cloud.process.kill('SIGKILL');
    await this.cloud.ended;
  }

  async restart(): Promise<void> {
    this.cloud = (await this.community.startCloud()).child;
  }
}
