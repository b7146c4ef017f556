interface ScriptUrls {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

/** The one script address this page ever makes; the cloud's content policy lets no bare string be one. */
function workerUrl(): string {
  const { trustedTypes } = window as { trustedTypes?: ScriptUrls };
  const url = '/phone/worker.js';
  return trustedTypes === undefined
    ? url
    : trustedTypes.createPolicy('yihu-phone', { createScriptURL: () => url }).createScriptURL(url);
}

/**
 * Keeps the page on the phone. Without HTTPS there is no service worker: then the page needs the network to open, and
 * all else, the queue too, works as well.
 */
export function keepPage(): void {
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.register(workerUrl(), { scope: '/phone/' }).catch(() => undefined);
}
