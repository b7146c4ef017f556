import type { OnvifCommand } from '@yihu/device-profiles/protocols/onvif.ts';
import type { Clock } from '../../clock.ts';
import type { Act, ActOutcome } from '../driver.ts';
import { type Camera, troubleOf } from './camera.ts';
import { limits } from './limits.ts';
import { relayRequest, relaysIn, requests } from './services.ts';
import type { Unanswered } from './session.ts';
import type { OnvifAddress } from './settings.ts';
import { troubles } from './trouble.ts';

/** Switches an output of a camera (ONVIF Core §8.7.3 SetRelayOutputState). Never rejects. */
export async function switchOutput(act: Act, camera: Camera, address: OnvifAddress, clock: Clock): Promise<ActOutcome> {
  // The profile's loader has checked it against this protocol's schema.
  const { output, state } = act.spec.do as OnvifCommand;
  const nth = typeof output === 'number' ? output : Number(act.args[output.slice(1, -1)]);
  const list = await camera.call('GetRelayOutputs', { path: address.path, body: requests.relays }, camera.signal);
  if (!('body' in list)) return refused(list);
  const token = relaysIn(list.body)[nth - 1];
  if (token === undefined) return refused({ trouble: troubles.noRelay(nth) });
  const leftMs = act.deadlineMono - clock.mono();
  if (leftMs <= 0) return expired;
  const timeoutMs = Math.min(leftMs, limits.callMs);
  const done = await camera.call(
    'SetRelayOutputState',
    { path: address.path, body: relayRequest(token, state), timeoutMs },
    camera.signal,
  );
  if ('body' in done) return { state: 'sent' };
  if ('trouble' in done && done.trouble.wasSent && !done.trouble.code.startsWith('http-4')) return unknown(done);
  return refused(done);
}

const expired: ActOutcome = {
  state: 'expired',
  code: 'expired',
  zh: '命令过期，没有发出。',
  en: 'The command was too old and was not sent.',
};

function refused(answered: Unanswered): ActOutcome {
  const { code, zh, en } = troubleOf(answered);
  return { state: 'refused', code, zh, en };
}

function unknown(answered: Unanswered): ActOutcome {
  const { code, zh, en } = troubleOf(answered);
  return { state: 'unknown', code, zh, en };
}
