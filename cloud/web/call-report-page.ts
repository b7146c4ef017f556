import { callKinds } from '@yihu/device-profiles/vocabulary/call.ts';
import type { CallReport } from '@yihu/device-profiles/vocabulary/call-plan.ts';
import { text } from './notice-page.ts';

const stateWords: Record<CallReport['call']['state'], string> = {
  draft: '草稿',
  waiting: '待批准',
  scheduled: '待发',
  sending: '正在发送',
  sent: '应答中',
  'stood-down': '已解除',
  recalled: '已撤回',
  superseded: '已被替代',
  cancelled: '已取消',
};
const viaWords: Readonly<Record<string, string>> = {
  link: '链接',
  sms: '短信',
  voice: '电话按键',
  desk: '电话核实',
  door: '上门',
};
const byWords: Readonly<Record<string, string>> = { self: '本人', family: '家人代答', staff: '工作人员代录', door: '上门找到' };

/** 呼叫报告 as a page to print, A4 upright; what is in it has no names of residents. */
export function reportPage(report: CallReport): string {
  const { call, at } = report;
  const { count } = call;
  const title = `呼叫报告 ${call.number}`;
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title>
<link rel="stylesheet" href="/api/notice.css">
</head>
<body class="a4">
<header><p>${text(call.areaName)} ${text(callKinds[call.kind].zh)}</p><h1>${text(title)}</h1></header>
<p><strong>${text(call.title)}</strong></p>
<p>${text(call.text)}</p>
<p>发起：${text(call.authorName)}　批准：${text(call.approverName ?? '（一个网格内，无须）')}　状态：${stateWords[call.state]}　开始：${moment(call.begunAt)}　结束：${moment(call.endedAt)}</p>
<h2>结果</h2>
${table(
  ['应到', '平安', '其中能帮忙', '求助', '不在家', '不愿回答', '未落实', '联系不上', '户数', '已落实户'],
  [
    [
      count.people,
      count.safe,
      count.volunteers,
      count.help,
      count.away,
      count.refused,
      count.silent,
      count.unreachable,
      count.households,
      count.householdsDone,
    ],
  ],
)}
<p>一半人落实用时：${span(report.halfMs)}　九成人落实用时：${span(report.ninetyMs)}　求助 ${report.needs.all} 件，办结 ${report.needs.done} 件</p>
<p>换渠道再呼 ${report.steps.again} 人，请楼栋长等 ${report.steps.head} 人协助，上门核实 ${report.steps.door} 人</p>
<h2>各区域</h2>
${table(
  ['区域', '应到', '平安', '其中能帮忙', '求助', '未落实', '联系不上', '户数', '已落实户'],
  report.areas.map(({ name, count: one }) => [
    name,
    one.people,
    one.safe,
    one.volunteers,
    one.help,
    one.silent,
    one.unreachable,
    one.households,
    one.householdsDone,
  ]),
)}
<h2>怎样落实的</h2>
${table(
  ['方式', '谁', '人数'],
  report.ways.map(({ via, by, people }) => [viaWords[via] ?? via, byWords[by] ?? by, people]),
)}
${
  report.unreachable.length === 0
    ? ''
    : `<h2>联系不上的原因</h2>\n${table(
        ['原因', '人数'],
        report.unreachable.map(({ reason, people }) => [reason, people]),
      )}`
}
${
  report.points.length === 0
    ? ''
    : `<h2>集合点清点</h2>\n${table(
        ['集合点', '人数', '清点人', '时间'],
        report.points.map((point) => [point.name, point.counted, point.byName, moment(point.at)]),
      )}`
}
<h2>经过</h2>
${table(
  ['时间', '内容', '谁'],
  call.timeline.map((line) => [moment(line.at), line.text.zh, line.actorName ?? '系统']),
)}
<footer>${moment(at)} 生成　末行哈希 ${text(call.timeline.at(-1)?.hash.slice(0, 16) ?? '')}</footer>
</body>
</html>
`;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const row = (cells: readonly (string | number)[], tag: 'th' | 'td') =>
    `<tr>${cells.map((cell) => `<${tag}>${text(String(cell))}</${tag}>`).join('')}</tr>`;
  return `<table>\n${[row(head, 'th'), ...rows.map((cells) => row(cells, 'td'))].join('\n')}\n</table>`;
}

function moment(at: number | null): string {
  if (at === null) return '—';
  return new Intl.DateTimeFormat('zh-CN', { dateStyle: 'short', timeStyle: 'medium', timeZone: 'Asia/Shanghai' }).format(at);
}

function span(ms: number | null): string {
  if (ms === null) return '未达到';
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} 秒` : `${Math.floor(seconds / 60)} 分 ${seconds % 60} 秒`;
}
