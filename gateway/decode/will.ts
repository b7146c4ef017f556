import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';
import { compileSteps } from './steps.ts';
import { followSteps } from './path.ts';
import type { Payload } from './payload.ts';

export interface ReadWill {
  (channel: string, payload: Payload): 'online' | 'offline' | undefined;
  isOf(channel: string): boolean;
}

const asText = { key: '"text"', read: compileSteps('text') };
const asJson = { key: '"json"', read: compileSteps('json') };

/** Last will: the bare word, or zigbee2mqtt's `{"state":"online"}`. */
export function compileWill(will: Profile['availability']['will']): ReadWill | undefined {
  if (will === undefined) return undefined;
  const read = (channel: string, payload: Payload): 'online' | 'offline' | undefined => {
    const whole = channel === will.channel ? payload.read(asText) : undefined;
    if (whole === undefined || !('tree' in whole)) return undefined;
    const isJson = typeof whole.tree === 'string' && whole.tree.startsWith('{');
    const json = isJson ? payload.read(asJson) : whole;
    const state = 'tree' in json ? (typeof json.tree === 'string' ? json.tree : followSteps(json.tree, ['state'])) : undefined;
    if (state === will.online) return 'online';
    return state === will.offline ? 'offline' : undefined;
  };
  return Object.assign(read, { isOf: (channel: string) => channel === will.channel });
}
