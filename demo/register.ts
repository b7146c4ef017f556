import { spawnSync } from 'node:child_process';
import { CloudApi } from './cloud-api.ts';

export interface Registration {
  readonly url: string;
  readonly gateway: string;
  readonly site: string;
  readonly admin: { readonly account: string; readonly password: string };
  readonly root: string;
}

/** What an administrator and an installer do together: a claim code from the cloud, claimed by the gateway. */
export async function registerGateway({ url, gateway, site, admin: account, root }: Registration): Promise<void> {
  const admin = await CloudApi.signIn(url, account);
  const listed = (await admin.call('GET', '/api/areas')) as { path: string; kind: string }[];
  const area = listed.find(({ kind }) => kind === 'community')?.path;
  const named = { id: gateway, name: { zh: '幸福里网关', en: 'Xingfuli gateway' }, area };
  const { code } = (await admin.call('POST', '/api/gateways', named)) as { code: string };
  const claimed = spawnSync(process.execPath, ['gateway/bin/yihu-gateway.js', 'claim', url, code, '--site', site], {
    cwd: root,
    encoding: 'utf8',
  });
  if (claimed.status !== 0) throw new Error(`claim: ${claimed.stderr}${claimed.stdout}`);
}
