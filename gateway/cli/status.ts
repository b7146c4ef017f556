import type { Command } from 'commander';
import { isMap, parseDocument } from 'yaml';
import { readSiteFile } from '../config.ts';
import type { GatewayStatus } from '../web/needs.ts';
import { defaultSite } from './check.ts';
import { codeLine, setupCodeOf } from './login.ts';
import { type Output, type Speech, exit, outputFor, table } from './output.ts';

export function addStatus(program: Command): void {
  program
    .command('status')
    .option('--url <url>', '网关本地接口，默认是现场文件的 listen / local API of the gateway, by default listen of the site file')
    .option('--site <site.yaml>', '现场文件 / site file', defaultSite)
    .description('正在运行的网关怎么样 / how the running gateway is')
    .action(async (options: { url?: string; site: string; json?: boolean; lang?: string }) => {
      const output = outputFor(options);
      const url = options.url ?? (await urlOf(options.site));
      if (!URL.canParse(url) || !/^https?:/.test(url))
        return output.fail(exit.usage, {
          zh: `“${url}”不是网址。写法如 http://127.0.0.1:8610，即现场文件里的 listen。`,
          en: `"${url}" is no address. Write it as http://127.0.0.1:8610, the site file's listen.`,
        });
      let status: GatewayStatus;
      try {
        status = await statusOf(url);
      } catch (error) {
        return output.fail(exit.unreachable, {
          zh: `${url} 没有网关应答（${reasonOf(error)}）。网关在运行吗？启动：yihu-gateway run；地址是现场文件里的 listen。`,
          en: `${url} is not answered by a gateway (${reasonOf(error)}). Is it running? Start it: yihu-gateway run; its address is listen in the site file.`,
        });
      }
      if (status.health !== 'ok') process.exitCode = exit.problem;
      const code = await setupCodeOf(options.site);
      output.result({ ...status, ...(code !== null && { setupCode: code }) }, [
        ...linesOf(status, output),
        ...(code === null ? [] : ['', codeLine(code, output)]),
      ]);
    });
}

/** Where the gateway of a site file listens, asked on this machine; the usual place where the file says nothing. */
async function urlOf(file: string): Promise<string> {
  const read = await readSiteFile(file);
  const document = 'text' in read ? parseDocument(read.text) : undefined;
  const listen: unknown = isMap(document?.contents) ? document.contents.get('listen') : undefined;
  const [, host, port] = typeof listen === 'string' ? (/^(.+):(\d+)$/.exec(listen) ?? []) : [];
  if (host === undefined || port === undefined) return 'http://127.0.0.1:8610';
  return `http://${host === '0.0.0.0' || host === '[::]' ? '127.0.0.1' : host}:${port}`;
}

async function statusOf(url: string): Promise<GatewayStatus> {
  const response = await fetch(new URL('/api/status', url), { signal: AbortSignal.timeout(5_000) });
  const status: unknown = response.ok ? await response.json() : null;
  if (typeof status === 'object' && status !== null && 'schema' in status && status.schema === 'yihu.status/1')
    return status as GatewayStatus;
  throw new Error(response.ok ? 'not a gateway' : `HTTP ${response.status}`);
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { code?: string; message?: string } | undefined) : undefined;
  return cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
}

const states: Readonly<Record<string, Speech>> = {
  up: { zh: '已接通', en: 'up' },
  connected: { zh: '已连接', en: 'connected' },
  connecting: { zh: '正在连接', en: 'connecting' },
  down: { zh: '断开', en: 'down' },
  forked: { zh: '日志已换新', en: 'log renewed' },
};
const kinds: Readonly<Record<string, Speech>> = {
  embedded: { zh: '内置', en: 'embedded' },
};

function linesOf(status: GatewayStatus, output: Output): string[] {
  const { say } = output;
  const state = (name: string) => say(states[name] ?? { zh: name, en: name });
  const health = {
    ok: { zh: '正常', en: 'ok' },
    degraded: { zh: '有问题，但不丢数据', en: 'degraded, nothing is lost' },
    failing: { zh: '数据存不下来', en: 'data cannot be kept' },
  };
  const lines = [`${status.gateway}  ${say(health[status.health])}`];
  lines.push(...status.problems.map((problem) => `! ${say(problem)}`), '');
  const head = [
    say({ zh: '端口', en: 'PORT' }),
    say({ zh: '驱动', en: 'DRIVER' }),
    say({ zh: '线路', en: 'WIRE' }),
    say({ zh: '应答/设备', en: 'HEARD/DEVICES' }),
    '',
  ];
  lines.push(
    ...table([
      head,
      ...status.ports.map((port) => [
        port.id,
        port.driver,
        state(port.wire),
        `${port.heard}/${port.devices}`,
        port.reason ? say(port.reason) : '',
      ]),
    ]),
    '',
  );
  if (status.uplink) {
    const { wire, buffered, reason } = status.uplink;
    lines.push(
      say({
        zh: `上送 ${state(wire)}，待送 告警 ${buffered.alarm} 条、读数 ${buffered.telemetry} 条`,
        en: `uplink ${state(wire)}, waiting: ${buffered.alarm} alarm, ${buffered.telemetry} telemetry records`,
      }) + (reason ? say({ zh: `（${reason.zh}）`, en: ` (${reason.en})` }) : ''),
    );
  }
  const { kind, state: history, buffered } = status.history;
  const where = say(kinds[kind] ?? { zh: kind, en: kind });
  lines.push(
    say({
      zh: `历史 ${where} ${history === 'up' ? '正常' : '写不进去'}，待写 ${buffered} 条`,
      en: `history ${where} ${history === 'up' ? 'well' : 'takes nothing'}, waiting: ${buffered} records`,
    }),
  );
  return lines;
}
