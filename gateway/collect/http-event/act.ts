import type { HttpCommand } from '@yihu/device-profiles/protocols/http-event.ts';
import type { Clock } from '../../clock.ts';
import type { Act, ActOutcome } from '../driver.ts';
import type { Answer, DeviceClient } from './client.ts';
import { type Escape, escapeFor, escapePath, fill } from './fill.ts';
import type { Intake } from './intake.ts';
import { limits } from './limits.ts';
import { meaningOf } from './meaning.ts';
import type { Outbox } from './outbox.ts';
import { outcomes, refusedByDevice, sent } from './outcomes.ts';
import type { HttpDevice } from './port.ts';
import { commandType } from './replies.ts';
import type { Trouble } from './trouble.ts';

export interface ActParts {
  readonly client: DeviceClient | undefined;
  readonly outbox: Outbox;
  readonly intake: Intake;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Carries out one command: a request of ours, or words that wait for one of the device's. Never rejects. */
export async function carryOut(device: HttpDevice, act: Act, parts: ActParts): Promise<ActOutcome> {
  const outcome = await attempt(device, act, parts);
  parts.intake.counters.add(`commands_${outcome.state}`);
  return outcome;
}

function attempt(device: HttpDevice, act: Act, parts: ActParts): Promise<ActOutcome> {
  // The profile's loader has checked it against this protocol's schema.
  const spec = act.spec.do as HttpCommand;
  if (parts.clock.mono() >= act.deadlineMono) return Promise.resolve(outcomes.expired);
  return 'queue' in spec ? leave(device, act, spec.queue, parts) : request(device, act, spec, parts);
}

function leave(device: HttpDevice, act: Act, template: string, { outbox }: ActParts): Promise<ActOutcome> {
  const { listen, identity } = meaningOf(device.profile).transport;
  const requests = Object.values(listen);
  const escape = escapeFor(commandType(requests));
  const hasResult = requests.some(({ is }) => is === 'result') && template.includes('{id}');
  return outbox.put(act, hasResult, (id) => {
    const values = valuesOf(act, identity.name, device);
    return fill(template, values.set('id', String(id)), escape);
  });
}

async function request(
  device: HttpDevice,
  act: Act,
  spec: Extract<HttpCommand, { path: string }>,
  { client, clock, intake, signal }: ActParts,
): Promise<ActOutcome> {
  if (!client) return outcomes.noHost;
  const { identity } = meaningOf(device.profile).transport;
  const values = valuesOf(act, identity.name, device);
  const type = spec.type ?? 'application/xml';
  const filled = (template: string, escape: Escape) => fill(template, values, escape);
  const path = filled(spec.path, escapePath);
  const body = spec.body === undefined ? undefined : filled(spec.body, escapeFor(type));
  if (path === undefined || (spec.body !== undefined && body === undefined)) return outcomes.unfit;
  const startedMono = clock.mono();
  const leftMs = Math.min(limits.answerMs, act.deadlineMono - startedMono);
  const answer = await client.ask({ method: spec.method, path, type, body }, signal, leftMs);
  const outcome = 'code' in answer ? afterTrouble(answer) : afterAnswer(answer, spec.answer);
  intake.exchanges.add(device.id, {
    at: clock.now(),
    // As the profile has it: an argument may be somebody's name or card.
    sent: `${spec.method} ${spec.path} (${act.command})`,
    heard: 'code' in answer ? answer.code : `${answer.status} ${answer.text.length} B`,
    tookMs: clock.mono() - startedMono,
    ...(outcome.state === 'sent' ? {} : { note: { zh: outcome.zh, en: outcome.en } }),
  });
  return outcome;
}

function valuesOf({ args }: Act, identityName: string, { address }: HttpDevice): Map<string, string> {
  const values = Object.entries(args).map(([name, value]): [string, string] => [name, String(value)]);
  return new Map([...values, [identityName, address.identity ?? '']]);
}

/** What never left was certainly not carried out; nobody knows of what left and was not answered. */
function afterTrouble({ code, zh, en, wasSent }: Trouble): ActOutcome {
  return { state: wasSent ? 'unknown' : 'refused', code, zh, en };
}

/** 4xx (RFC 9110 §15.5): the device understood and would not. 5xx: it tried, and what came of it is not known. */
function afterAnswer({ status, text }: Answer, wanted: string | undefined): ActOutcome {
  if (status >= 200 && status < 300) {
    if (wanted === undefined || text.includes(wanted)) return sent;
    return { ...refusedByDevice(`${status} without ${wanted}`), state: 'unknown' };
  }
  const refused = refusedByDevice(`http-${status}`);
  return status >= 400 && status < 500 ? refused : { ...refused, state: 'unknown' };
}
