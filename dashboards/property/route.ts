import { useSyncExternalStore } from 'react';

/** The manager's screens and their addresses; the browser's own history, and nothing more. */
export type Route =
  | { screen: 'overview' }
  | { screen: 'windows' }
  | { screen: 'reliability' }
  | { screen: 'report' }
  | { screen: 'plans' }
  | { screen: 'plan'; id: string }
  | { screen: 'rules'; device: string }
  | { screen: 'users' }
  | { screen: 'notices'; id: string }
  | { screen: 'links'; tab: LinkTab; id: string }
  | { screen: 'devices'; area: string; availability: string; q: string }
  | { screen: 'device'; gateway: string; device: string };

/** Ways in which other systems are connected. `id` is a webhook's. */
export const linkTabs = ['keys', 'webhooks', 'warnings'] as const;
export type LinkTab = (typeof linkTabs)[number];

const base = '/property/';

/** Screens whose whole address is their name. */
const plain = ['windows', 'reliability', 'report', 'plans', 'users'] as const;
type Plain = (typeof plain)[number];
const isPlain = (screen: string): screen is Plain => plain.some((one) => one === screen);

export function parseRoute(pathname: string, search: string): Route {
  const [first = '', gateway = '', device = ''] = pathname.slice(base.length).split('/').map(decodeURIComponent);
  if (first === 'devices' && device !== '') return { screen: 'device', gateway, device };
  if (first === 'plans' && gateway !== '') return { screen: 'plan', id: gateway };
  if (first === 'rules') return { screen: 'rules', device: new URLSearchParams(search).get('device') ?? '' };
  if (first === 'notices') return { screen: 'notices', id: gateway };
  if (first === 'links') return { screen: 'links', tab: linkTabs.find((tab) => tab === gateway) ?? 'warnings', id: device };
  if (isPlain(first)) return { screen: first };
  if (first !== 'devices') return { screen: 'overview' };
  const asked = new URLSearchParams(search);
  const read = (name: string) => asked.get(name) ?? '';
  return { screen: 'devices', area: read('area'), availability: read('availability'), q: read('q') };
}

export function pathOf(route: Route): string {
  if (route.screen === 'overview') return base;
  if (route.screen === 'rules') return `${base}rules${route.device === '' ? '' : `?device=${encodeURIComponent(route.device)}`}`;
  if (route.screen === 'plan') return `${base}plans/${encodeURIComponent(route.id)}`;
  if (route.screen === 'notices') return `${base}notices${route.id === '' ? '' : `/${encodeURIComponent(route.id)}`}`;
  if (route.screen === 'links') return `${base}links/${route.tab}${route.id === '' ? '' : `/${encodeURIComponent(route.id)}`}`;
  if (route.screen !== 'device' && route.screen !== 'devices') return `${base}${route.screen}`;
  if (route.screen === 'device') return `${base}devices/${encodeURIComponent(route.gateway)}/${encodeURIComponent(route.device)}`;
  const asked = new URLSearchParams();
  for (const name of ['area', 'availability', 'q'] as const) if (route[name] !== '') asked.set(name, route[name]);
  const text = asked.toString();
  return `${base}devices${text === '' ? '' : `?${text}`}`;
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
}

export function useRoute(): Route {
  const address = useSyncExternalStore(onMove, () => location.pathname + location.search);
  const [pathname = '', search = ''] = address.split('?');
  return parseRoute(pathname, search);
}
