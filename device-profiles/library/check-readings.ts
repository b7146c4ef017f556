import type { Field, Step, Steps, Struct } from '../vocabulary/message.ts';
import { byteCount } from './byte-count.ts';
import type { Finding, ProblemPath } from './source.ts';

type Kind = 'payload' | 'text' | 'bytes' | 'tree';

const idBytes = 8;

/** A chain of readings fits together: text is read as text and bytes as bytes, and something can be picked from its end. */
export function checkSteps(steps: Steps | undefined, start: 'payload' | 'text', at: ProblemPath): Finding[] {
  if (steps === undefined) return [];
  const findings: Finding[] = [];
  let kind: Kind = start;
  for (const [index, step] of [steps].flat().entries()) {
    const path = Array.isArray(steps) ? [...at, index] : at;
    const { takes, gives } = kindsOf(step);
    if (kind === 'tree' || (kind !== 'payload' && kind !== takes)) findings.push(misfit(path, takes, kind));
    kind = gives;
    findings.push(...checkStep(step, path));
  }
  if (kind === 'bytes')
    findings.push({
      path: at,
      zh: '最后得到的是字节；请接着写 struct、tlv 或一种编码（utf8、gb18030）。',
      en: 'This ends in bytes; go on with struct, tlv or an encoding (utf8, gb18030).',
    });
  return findings;
}

const kindNames: Readonly<Record<Kind, readonly [zh: string, en: string]>> = {
  payload: ['消息', 'the message'],
  text: ['文字', 'text'],
  bytes: ['字节', 'bytes'],
  tree: ['读完的内容', 'what is read already'],
};

function misfit(path: ProblemPath, takes: Kind, has: Kind): Finding {
  const [wanted, given] = [kindNames[takes], kindNames[has]];
  return {
    path,
    zh: `这一步读的是${wanted[0]}，得到的却是${given[0]}。`,
    en: `This step reads ${wanted[1]} and is given ${given[1]}.`,
  };
}

function kindsOf(step: Step): { takes: 'text' | 'bytes'; gives: Kind } {
  if (typeof step === 'object') {
    if ('struct' in step || 'tlv' in step) return { takes: 'bytes', gives: 'tree' };
    return { takes: 'text', gives: 'lines' in step ? 'text' : 'tree' };
  }
  if (step === 'base64' || step === 'hex') return { takes: 'text', gives: 'bytes' };
  if (step === 'utf8' || step === 'gb18030' || step === 'ascii') return { takes: 'bytes', gives: 'text' };
  return { takes: 'text', gives: step === 'lines' ? 'text' : 'tree' };
}

function checkStep(step: Step, at: ProblemPath): Finding[] {
  if (typeof step === 'string') return [];
  if ('columns' in step) return checkColumns(step.columns, at);
  if ('struct' in step) return checkStruct(step.struct, [...at, 'struct'], 'whole');
  return 'tlv' in step ? checkTlv(step, at) : [];
}

function checkColumns(columns: readonly string[], at: ProblemPath): Finding[] {
  const twins = columns.filter((name, index) => name !== '_' && columns.indexOf(name) < index);
  return twins.map((name) => ({
    path: [...at, 'columns'],
    zh: `列名 "${name}" 出现了两次。`,
    en: `The column "${name}" is there twice.`,
  }));
}

function checkTlv({ tlv, length }: Extract<Step, { tlv: unknown }>, at: ProblemPath): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  const size = Object.keys(tlv)[0]?.replaceAll(/\s/g, '').length ?? 0;
  if (size === 0) findings.push({ path: [...at, 'tlv'], zh: '至少需要一种数据类型。', en: 'At least one record is needed.' });
  for (const [id, struct] of Object.entries(tlv)) {
    const path = [...at, 'tlv', id];
    const digits = id.replaceAll(/\s/g, '').toUpperCase();
    if (!/^([0-9A-F]{2})+$/.test(digits) || digits.length > idBytes * 2)
      findings.push({ path, zh: '类型必须是十六进制字节，例如 "01 75"。', en: 'The id must be bytes in hex, such as "01 75".' });
    else if (digits.length !== size)
      findings.push({ path, zh: '所有类型的字节数必须相同。', en: 'All ids must have the same number of bytes.' });
    if (seen.has(digits)) findings.push({ path, zh: '这个类型出现了两次。', en: 'This id is there twice.' });
    seen.add(digits);
    findings.push(...checkStruct(struct, path, length === undefined ? 'record' : 'whole'));
  }
  return findings;
}

/**
 * Where a struct stands. `whole`: the bytes end with it, so that its last field may take all there are. `record`: other records
 * follow; a list of it gathers them. `item`: it is one of a list.
 */
type Standing = 'whole' | 'record' | 'item';

function checkStruct(struct: Struct, at: ProblemPath, standing: Standing): Finding[] {
  const names = Object.keys(struct);
  if (names.length === 0) return [{ path: at, zh: '至少需要一个字段。', en: 'At least one field is needed.' }];
  const known = new Set<string>();
  return names.flatMap((name, index) => {
    const field = struct[name] as Field;
    const findings = checkField(field, [...at, name], { isLast: index === names.length - 1, known, standing });
    known.add(name);
    if (typeof field === 'object' && 'type' in field) for (const part of Object.keys(field.parts ?? {})) known.add(part);
    return findings;
  });
}

interface FieldPlace {
  readonly isLast: boolean;
  readonly standing: Standing;
  readonly known: ReadonlySet<string>;
}

function checkField(field: Field, at: ProblemPath, place: FieldPlace): Finding[] {
  if (typeof field === 'number') return [];
  if (typeof field === 'string') return field === 'string' ? [noLength(at)] : [];
  if ('list' in field) {
    // Under an id each record is one of the list, however often the id comes.
    const isSized = field.times !== undefined || place.standing === 'record' || (place.standing === 'whole' && place.isLast);
    const findings = checkStruct(field.list, [...at, 'list'], 'item');
    return isSized ? findings : [...findings, notLast(at)];
  }
  if ('by' in field) {
    const inner = Object.entries(field.cases).flatMap(([key, one]) => checkField(one, [...at, 'cases', key], place));
    if (place.known.has(field.by)) return inner;
    const zh = `前面没有字段 "${field.by}"。`;
    return [...inner, { path: [...at, 'by'], zh, en: `There is no field "${field.by}" before this one.` }];
  }
  const findings: Finding[] = [];
  const { type, length, encoding, parts } = field;
  if (type === 'string' && length === undefined) findings.push(noLength(at));
  if (type !== 'string' && (length !== undefined || encoding !== undefined))
    findings.push({ path: at, zh: 'length、encoding 只用于 string。', en: 'length and encoding are for string only.' });
  if (length === 'rest' && !(place.standing === 'whole' && place.isLast)) findings.push(notLast(at));
  return parts === undefined ? findings : [...findings, ...checkParts(type, parts, at)];
}

function checkParts(
  type: Extract<Field, { type: unknown }>['type'],
  parts: Readonly<Record<string, number | readonly [number, number]>>,
  at: ProblemPath,
): Finding[] {
  if (!/^[us]\d/.test(type)) return [{ path: [...at, 'parts'], zh: '只有整数才能取位。', en: 'Only an integer has bits.' }];
  const bits = byteCount({ type }) * 8;
  return Object.entries(parts).flatMap(([name, range]): Finding[] => {
    const end = typeof range === 'number' ? range + 1 : range[0] + range[1];
    if (end <= bits) return [];
    const path = [...at, 'parts', name];
    return [{ path, zh: `超出 ${type} 的 ${bits} 位。`, en: `Reaches past the ${bits} bits of ${type}.` }];
  });
}

function noLength(path: ProblemPath): Finding {
  return { path, zh: '字符串需要长度（length）。', en: 'A string needs its length.' };
}

function notLast(path: ProblemPath): Finding {
  return {
    path,
    zh: '它会读到末尾，只能是长度已知的最后一个字段。',
    en: 'It takes all there is, so it must be the last field of bytes whose end is known.',
  };
}
