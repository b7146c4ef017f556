import { useSyncExternalStore } from 'react';

/** The installer's screens and their addresses; the browser's own history, and nothing more. */
export type Route =
  | { screen: 'overview' }
  | { screen: 'devices'; q: string; port: string }
  | { screen: 'device'; id: string }
  | { screen: 'settings'; id: string }
  | { screen: 'scan' }
  | { screen: 'handover' }
  | { screen: 'survey'; kind: 'tcp' | 'mqtt' | 'zigbee' | 'cameras' }
  | { screen: 'change'; port: string; address: string; profile: string; remove: string; newPort: string }
  | { screen: 'probe'; place: string; unit: string }
  | { screen: 'decode'; text: string }
  | { screen: 'profiles'; q: string; protocol: string };

export function parseRoute(pathname: string, search: string): Route {
  const [first = '', second = '', third = ''] = pathname.slice(1).split('/').map(decodeURIComponent);
  const asked = new URLSearchParams(search);
  const read = (name: string) => asked.get(name) ?? '';
  if (first === 'devices' && third === 'settings') return { screen: 'settings', id: second };
  if (first === 'devices' && second !== '') return { screen: 'device', id: second };
  if (first === 'devices') return { screen: 'devices', q: read('q'), port: read('port') };
  if (first === 'change')
    return {
      screen: 'change',
      port: read('port'),
      address: read('address'),
      profile: read('profile'),
      remove: read('remove'),
      newPort: read('newPort'),
    };
  if (first === 'scan' && (second === 'tcp' || second === 'mqtt' || second === 'zigbee' || second === 'cameras'))
    return { screen: 'survey', kind: second };
  if (first === 'scan') return { screen: 'scan' };
  if (first === 'handover') return { screen: 'handover' };
  if (first === 'probe') return { screen: 'probe', place: read('place'), unit: read('unit') };
  if (first === 'decode') return { screen: 'decode', text: read('text') };
  if (first === 'profiles') return { screen: 'profiles', q: read('q'), protocol: read('protocol') };
  return { screen: 'overview' };
}

export function pathOf(route: Route): string {
  if (route.screen === 'overview') return '/';
  if (route.screen === 'device') return `/devices/${encodeURIComponent(route.id)}`;
  if (route.screen === 'settings') return `/devices/${encodeURIComponent(route.id)}/settings`;
  if (route.screen === 'survey') return `/scan/${route.kind}`;
  const { screen, ...asked } = route;
  const given = new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== ''));
  return given.size === 0 ? `/${screen}` : `/${screen}?${given}`;
}

const listeners = new Set<() => void>();

function onMove(listener: () => void): () => void {
  listeners.add(listener);
  addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    removeEventListener('popstate', listener);
  };
}

/** Goes to a screen; `replace` while typing, so that Back does not walk through every letter. */
export function go(route: Route, replace = false): void {
  const path = pathOf(route);
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  for (const listener of listeners) listener();
  if (!replace) scrollTo(0, 0);
}

export function useRoute(): Route {
  const address = useSyncExternalStore(onMove, () => location.pathname + location.search);
  const [pathname = '', search = ''] = address.split('?');
  return parseRoute(pathname, search);
}
