// Keeps the phone's page and all it needs, so that it opens without a network. What people say to the cloud never passes
// through here: the page's own queue holds it (dashboards/phone/queue.ts).
const kept = 'yihu-phone-1';
const page = '/phone/';
const slowMs = 3_000;

/** The page and the files it names, all or nothing: a page whose script is missing would be a white screen. */
async function keepShell(answer) {
  const html = await answer.clone().text();
  const names = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, name]) => name);
  const cache = await caches.open(kept);
  const missing = [];
  for (const name of names) if ((await cache.match(name)) === undefined) missing.push(name);
  await cache.addAll(missing);
  await cache.put(page, answer);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname !== page && !names.includes(pathname)) await cache.delete(request);
  }
}

/** The newest page where the cloud answers soon, else the kept one. */
async function openPage(event) {
  try {
    const answer = await fetch(event.request, { signal: AbortSignal.timeout(slowMs) });
    if (answer.ok) event.waitUntil(keepShell(answer.clone()).catch(() => undefined));
    return answer.status < 500 ? answer : await keptPage(answer);
  } catch {
    return keptPage(Response.error());
  }
}

async function keptPage(otherwise) {
  return (await caches.match(page)) ?? otherwise;
}

async function keptFile(request) {
  return (await caches.match(request)) ?? fetch(request);
}

self.addEventListener('install', (event) => {
  event.waitUntil(fetch(page).then(keepShell));
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin || pathname.startsWith('/api/')) return;
  if (request.mode === 'navigate') event.respondWith(openPage(event));
  else event.respondWith(keptFile(request));
});

// A push says little and keeps nothing: what it is about stands in the app. The same message again replaces the first.
self.addEventListener('push', (event) => {
  const { id, title, text } = event.data?.json() ?? {};
  if (typeof title !== 'string') return;
  event.waitUntil(
    self.registration.showNotification(title, {
      body: text,
      tag: id,
      icon: '/yihu.svg',
      vibrate: [200, 100, 200],
      requireInteraction: true,
    }),
  );
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openApp());
});

/** The page that is open already, else a new one. */
async function openApp() {
  const [open] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return open ? open.focus() : self.clients.openWindow(page);
}
