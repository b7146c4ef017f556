import { spawnSync } from 'node:child_process';

export interface Registration {
  readonly url: string;
  readonly gateway: string;
  readonly site: string;
  readonly admin: { readonly account: string; readonly password: string };
  readonly root: string;
}

/** What an administrator and an installer do together: a claim code from the cloud, claimed by the gateway. */
export async function registerGateway({ url, gateway, site, admin, root }: Registration): Promise<void> {
  const session = await call(url, 'POST', '/api/session', { account: admin.account, password: admin.password });
  const cookie = session.cookie;
  const { csrf } = session.body as { csrf: string };
  const headers = { cookie, 'x-csrf-token': csrf };
  const areas = (await call(url, 'GET', '/api/areas', undefined, headers)).body as
    | { path: string; kind: string }[]
    | { items: { path: string; kind: string }[] };
  const list = Array.isArray(areas) ? areas : areas.items;
  const area = list.find(({ kind }) => kind === 'community')?.path;
  const made = await call(
    url,
    'POST',
    '/api/gateways',
    { id: gateway, name: { zh: '幸福里网关', en: 'Xingfuli gateway' }, area },
    headers,
  );
  const { code } = made.body as { code: string };
  const claimed = spawnSync(process.execPath, ['gateway/bin/yihu-gateway.js', 'claim', url, code, '--site', site], {
    cwd: root,
    encoding: 'utf8',
  });
  if (claimed.status !== 0) throw new Error(`claim: ${claimed.stderr}${claimed.stdout}`);
}

async function call(url: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  const cookie = response.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ');
  const answer: unknown = await response.json();
  return { cookie, body: answer };
}
