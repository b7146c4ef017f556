import type { ChangePlan, LineShare } from '../change/plan.ts';
import type { Output } from './output.ts';

const signs = { added: '+', removed: '-', changed: '~', untouched: ' ' } as const;

/** A plan for people: what comes, goes and changes, port by port. */
export function planLines({ ports, sections, isEmpty }: ChangePlan, output: Output): string[] {
  if (isEmpty) return [output.say({ zh: '没有差别。', en: 'Nothing is different.' })];
  const lines = ports.flatMap(({ id, driver, change, devices, budget }) => {
    const { added, removed, changed, untouched } = devices;
    if (change === 'untouched' && changed.length === 0) return [];
    const share = shareOf(budget.before, budget.after, output);
    const head = `${signs[change]} ${id} (${driver})${share === '' ? '' : `  ${share}`}`;
    const rest = output.say({ zh: `    ${untouched} 台设备不变`, en: `    ${untouched} devices as before` });
    const each = [
      ...added.map((device) => `    + ${device}`),
      ...removed.map((device) => `    - ${device}`),
      ...changed.map((device) => `    ~ ${device}`),
    ];
    return [head, ...each, ...(untouched > 0 ? [rest] : [])];
  });
  const untouched = ports.filter(({ change, devices }) => change === 'untouched' && devices.changed.length === 0).length;
  const others = output.say({ zh: `  ${untouched} 个端口不受影响`, en: `  ${untouched} ports are not touched` });
  return [...lines, ...sections.map((section) => `~ ${section}`), others];
}

function shareOf(before: LineShare | null, after: LineShare | null, output: Output): string {
  if (!before && !after) return '';
  const of = (share: LineShare | null) => (share ? `${share.percent} %` : '-');
  return output.say({ zh: `线路占用 ${of(before)} → ${of(after)}`, en: `line time ${of(before)} → ${of(after)}` });
}
