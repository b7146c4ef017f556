import type { AlarmRule } from '@yihu/device-profiles/vocabulary/rule.ts';
import { expectationOf } from './order.ts';
import type { Problem, SiteDeviceFacts } from './resolve.ts';
import { type AlarmFacts, type LinkageRule, type Step, type When, speaksOf } from './rule.ts';

/** What a rule does at one edge: its steps, or its undoing. */
interface Node {
  readonly rule: LinkageRule;
  readonly path: readonly (string | number)[];
  readonly edge: When['edge'];
  readonly steps: readonly Step[];
}

interface Effect {
  readonly device: SiteDeviceFacts;
  readonly step: Step;
  readonly point: string;
  readonly is: string | number | boolean;
}

type Devices = ReadonlyMap<string, SiteDeviceFacts>;

/** 自激与冲突: rules that set each other off, and rules that tell one device two things at the same moment. */
export function checkTogether(rules: readonly LinkageRule[], devices: readonly SiteDeviceFacts[]): Problem[] {
  const known: Devices = new Map(devices.map((device) => [device.id, device]));
  const nodes = rules.flatMap((rule): Node[] => [
    { rule, path: ['linkage', rule.index, 'do'], edge: rule.when.edge, steps: rule.steps },
    ...(rule.undo.length > 0 && rule.when.edge === 'raised'
      ? [{ rule, path: ['linkage', rule.index, 'undo'], edge: 'cleared' as const, steps: rule.undo }]
      : []),
  ]);
  return [...loops(nodes, known), ...conflicts(nodes, known)];
}

function loops(nodes: readonly Node[], devices: Devices): Problem[] {
  const next = new Map(nodes.map((node) => [node, nodes.filter((other) => setsOff(node, other, devices))]));
  const done = new Set<Node>();
  const problems: Problem[] = [];
  const walk = (node: Node, trail: readonly Node[]): void => {
    const at = trail.indexOf(node);
    if (at >= 0) return void problems.push(loopOf(trail.slice(at)));
    if (done.has(node)) return;
    for (const other of next.get(node) ?? []) walk(other, [...trail, node]);
    done.add(node);
  };
  for (const node of nodes) walk(node, []);
  return problems;
}

function loopOf(trail: readonly Node[]): Problem {
  const names = [...trail, trail[0]].flatMap((node) => (node ? [node.rule.id] : [])).join(' → ');
  return {
    path: trail[0]?.path ?? ['linkage'],
    zh: `联动自己触发自己：${names}。请去掉其中一步，或把触发条件写窄。`,
    en: `Linkage sets itself off: ${names}. Leave one step out, or narrow what it begins with.`,
  };
}

/** Something that the node's steps bring about raises or clears an alarm with which the other begins. */
function setsOff(node: Node, other: Node, devices: Devices): boolean {
  return effectsOf(node, devices).some(({ device, point, is }) =>
    alarmsOf(device).some(
      ({ rule, facts }) =>
        rule !== null &&
        'point' in rule &&
        rule.point === point &&
        follows(rule, is, other.edge) &&
        speaksOf(other.rule.when, device, facts),
    ),
  );
}

function effectsOf({ steps }: Node, devices: Devices): Effect[] {
  return steps.flatMap((step) => {
    const device = devices.get(step.device);
    const spec = device?.profile.commands[step.command];
    const expected = spec && expectationOf(spec, step.args);
    return device && expected ? [{ device, step, point: expected.point, is: expected.is }] : [];
  });
}

/** Whether the rule raises (or clears) when its point becomes this. A jump may be one from anywhere. */
function follows(rule: AlarmRule, is: Effect['is'], edge: When['edge']): boolean {
  const raised = edge === 'raised';
  if ('above' in rule) return typeof is === 'number' && (raised ? is > rule.above : is <= rule.clear);
  if ('below' in rule) return typeof is === 'number' && (raised ? is < rule.below : is >= rule.clear);
  if ('is' in rule) return [rule.is].flat().includes(is) === raised;
  return 'step' in rule;
}

function alarmsOf({ profile, severities }: SiteDeviceFacts): { rule: AlarmRule | null; facts: AlarmFacts }[] {
  const own = Object.entries(profile.alarms).map(([alarm, rule]) => ({
    rule,
    facts: { alarm, hazard: rule.hazard, severity: severities[alarm] ?? rule.severity },
  }));
  return [...own, { rule: null, facts: { alarm: 'offline', hazard: 'communication', severity: 'major' } }];
}

function conflicts(nodes: readonly Node[], devices: Devices): Problem[] {
  return nodes.flatMap((node, i) =>
    nodes.slice(i).flatMap((other): Problem[] => {
      if (node.edge !== other.edge || node.rule.afterMs !== other.rule.afterMs) return [];
      const clash = clashOf(node, other, devices);
      if (!clash || !beginTogether(node, other, devices)) return [];
      const [one, two] = clash;
      return [
        {
          path: other.path,
          zh: `联动 ${node.rule.id} 和 ${other.rule.id} 会在同一时刻让设备 ${one.device} 做相反的事（${one.command}、${two.command}）。请只留一个，或给其中一个加 after。`,
          en: `Linkage ${node.rule.id} and ${other.rule.id} tell device ${one.device} opposite things at the same moment (${one.command}, ${two.command}). Keep one, or give one of them an after.`,
        },
      ];
    }),
  );
}

/** Two steps that cannot both be so: the same command with other arguments, or commands that leave one point at two values. */
function clashOf(node: Node, other: Node, devices: Devices): readonly [Step, Step] | undefined {
  const shown = new Map([...effectsOf(node, devices), ...effectsOf(other, devices)].map((effect) => [effect.step, effect]));
  for (const one of node.steps)
    for (const two of other.steps) {
      if (one === two || one.device !== two.device) continue;
      const [a, b] = [shown.get(one), shown.get(two)];
      const differs = a && b ? a.point === b.point && a.is !== b.is : isOtherArgument(one, two);
      if (differs) return [one, two];
    }
  return undefined;
}

function isOtherArgument(one: Step, two: Step): boolean {
  const textOf = ({ args }: Step) => JSON.stringify(Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1)));
  return one.command === two.command && textOf(one) !== textOf(two);
}

function beginTogether(node: Node, other: Node, devices: Devices): boolean {
  if (node.rule === other.rule) return true;
  return [...devices.values()].some((device) =>
    alarmsOf(device).some(({ facts }) => speaksOf(node.rule.when, device, facts) && speaksOf(other.rule.when, device, facts)),
  );
}
