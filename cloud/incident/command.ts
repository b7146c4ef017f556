import { isOpen } from '@yihu/device-profiles/vocabulary/incident.ts';
import { levelOf, type Severity } from '@yihu/device-profiles/vocabulary/severity.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import { clip, type IncidentCore, type LineDraft } from './core.ts';

export interface CommandChange {
  readonly by: { readonly id: string; readonly name: string };
  /** Server's clock, ms since 1970 UTC. */
  readonly at: number;
  /** The version the person saw. */
  readonly version: number;
  readonly reason: string;
  /** Who commands from now on. */
  readonly commander?: { readonly id: string; readonly name: string } | undefined;
  /** 级别 by a person's judgement; a graver alarm raises it again. */
  readonly severity?: Severity | undefined;
}

export type CommandResult =
  | { readonly incident: IncidentCore; readonly lines: readonly LineDraft[] }
  | { readonly refused: { readonly code: 'version-conflict' | 'not-allowed' | 'reason-needed'; readonly message: Text } };

function refusal(code: 'version-conflict' | 'not-allowed' | 'reason-needed', zh: string, en: string): CommandResult {
  return { refused: { code, message: { zh, en } } };
}

/**
 * 指挥与级别: an incident changes hands, or is graver or less grave than its alarms say. The run card follows the level; who
 * commands is named on the board and in the report.
 */
export function changeCommand(incident: IncidentCore, change: CommandChange): CommandResult {
  const { by, at, version, reason, commander, severity } = change;
  if (version !== incident.version) {
    return refusal(
      'version-conflict',
      '事件刚被其他人更新，请看清当前状态后再操作',
      'Somebody has just changed this incident. Look at its present state, then act again',
    );
  }
  if (!isOpen(incident.state)) return refusal('not-allowed', '事件已结束', 'The incident is over');
  if (reason.trim() === '') return refusal('reason-needed', '请写明原因', 'Say why');
  const lines = [
    ...(commander && commander.name !== incident.commander ? [commanderLine(incident, commander, change)] : []),
    ...(severity && severity !== incident.severity ? [levelLine(incident, severity, change)] : []),
  ];
  if (lines.length === 0) return refusal('not-allowed', '已经是这样了', 'It is so already');
  const next: IncidentCore = {
    ...incident,
    commander: commander?.name ?? incident.commander,
    severity: severity ?? incident.severity,
    updatedAt: at,
    version: incident.version + 1,
  };
  return { incident: next, lines: lines.map((line) => ({ ...line, actor: by })) };
}

function commanderLine(incident: IncidentCore, to: { id: string; name: string }, { reason }: CommandChange): LineDraft {
  const from = incident.commander;
  return {
    kind: 'state',
    text: {
      zh: clip(`指挥${from === null ? '' : `由 ${from} `}交给 ${to.name}：${reason.trim()}`),
      en: clip(`Command passed ${from === null ? '' : `from ${from} `}to ${to.name}: ${reason.trim()}`),
    },
    data: { move: 'commander', before: from, commander: to.id, reason: reason.trim() },
  };
}

const roman = ['I', 'II', 'III', 'IV'] as const;

function levelLine(incident: IncidentCore, to: Severity, { reason }: CommandChange): LineDraft {
  const [before, after] = [incident.severity, to].map((one) => roman[levelOf(one) - 1] ?? '');
  return {
    kind: 'state',
    text: {
      zh: clip(`级别由 ${before} 级改为 ${after} 级：${reason.trim()}`),
      en: clip(`Level changed from ${before} to ${after}: ${reason.trim()}`),
    },
    data: { move: 'level', before: incident.severity, severity: to, reason: reason.trim() },
  };
}
