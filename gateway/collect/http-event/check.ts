import { holesOf } from '@yihu/device-profiles/protocols/http-event.ts';
import type { ConfigProblem } from '../driver.ts';
import { meaningOf } from './meaning.ts';
import type { HttpDevice, HttpEventPort } from './port.ts';

/** Everything about a port's devices that a schema cannot see. */
export function check(port: HttpEventPort, devices: readonly HttpDevice[]): ConfigProblem[] {
  return [
    ...portProblems(port, devices),
    ...devices.flatMap((device) => [...identityProblems(device), ...wayProblems(port, device), ...loginProblems(device)]),
    ...twins(devices, 'identity', ({ profile, address }) => address.identity && `${profile.id}\n${address.identity}`),
    ...twins(devices, 'key', ({ address }) => address.key),
    ...(port.senders === 'pinned' ? sharedAddresses(devices) : []),
  ];
}

function portProblems(port: HttpEventPort, devices: readonly HttpDevice[]): ConfigProblem[] {
  const hasKeys = devices.some(({ address }) => address.key !== undefined);
  if (!hasKeys || port.senders === 'pinned' || port.deviceKeyFile !== undefined) return [];
  return [
    {
      path: 'deviceKeyFile',
      zh: '有设备用密钥（address.key）登录，必须给出 deviceKeyFile（设备密钥文件，缺失时自动创建）。',
      en: 'Devices with a key (address.key) need a deviceKeyFile here (made where it is missing).',
    },
  ];
}

function identityProblems({ id, profile, address }: HttpDevice): ConfigProblem[] {
  const { identity, listen, stream, backfill } = meaningOf(profile).transport;
  const path = `devices.${id}.address.identity`;
  const texts = [
    ...Object.values(listen).flatMap((request) => [request.path, ...Object.values(request.query)]),
    stream?.path ?? '',
    (backfill?.path ?? '') + (backfill?.body ?? ''),
  ];
  const isNeeded = texts.some((text) => holesOf(text).includes(identity.name));
  const { zh, en = identity.label.zh } = identity.label;
  if (address.identity === undefined)
    return isNeeded ? [{ path, zh: `缺少${zh}（identity）。`, en: `The ${en} (identity) is missing.` }] : [];
  if (new RegExp(`^(?:${identity.pattern})$`, 'u').test(address.identity)) return [];
  return [
    {
      path,
      zh: `“${address.identity}”不符合${zh}的格式 ${identity.pattern}，请对照设备标签更正。`,
      en: `"${address.identity}" does not fit the pattern ${identity.pattern} of ${en}. Correct it from the device's label.`,
    },
  ];
}

/** Each device must be able to reach us or be reached by us, in a way in which nobody can speak for it. */
function wayProblems(port: HttpEventPort, { id, profile, address }: HttpDevice): ConfigProblem[] {
  const { listen, stream } = meaningOf(profile).transport;
  const posts = Object.keys(listen).length > 0 && port.listen !== undefined;
  const isKnown = address.key !== undefined || address.login !== undefined;
  if (stream !== undefined && address.host !== undefined) return [];
  if (!posts) return [stream === undefined ? needsListen(id) : needsHost(id)];
  if (port.senders === 'pinned') return address.from === undefined ? [needsFrom(id)] : [];
  return isKnown ? [] : [needsKey(id)];
}

const needsListen = (id: string): ConfigProblem => ({
  path: `devices.${id}.port`,
  zh: `设备 ${id} 是主动上报的，它的端口没有监听地址。请给端口加 listen。`,
  en: `Device ${id} posts to us, and its port does not listen. Give the port a listen.`,
});
const needsHost = (id: string): ConfigProblem => ({
  path: `devices.${id}.address.host`,
  zh: `设备 ${id} 的事件流要由网关去取，请写它的地址（host）。`,
  en: `We go to device ${id} for its events: write where it is (host).`,
});
const needsFrom = (id: string): ConfigProblem => ({
  path: `devices.${id}.address.from`,
  zh: `这个端口按来源地址认设备（senders: pinned），请写设备 ${id} 的 from。`,
  en: `This port knows devices by their address (senders: pinned): write from for device ${id}.`,
});
const needsKey = (id: string): ConfigProblem => ({
  path: `devices.${id}.address.key`,
  zh: `设备 ${id} 没有密钥。请运行 yihu-gateway secret <deviceKeyFile> 签发，把 hmac-sha256 值写入 address.key；只会 Digest 的设备写 address.login；两者都不会的放到 senders: pinned 的端口。`,
  en: `Device ${id} has no key. Issue one with yihu-gateway secret <deviceKeyFile> and put the hmac-sha256 value into address.key; a device that only knows digest takes address.login; one that knows neither belongs on a port with senders: pinned.`,
});

function loginProblems({ id, address }: HttpDevice): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const at = (key: string) => `devices.${id}.address.${key}`;
  if ((address.username === undefined) !== (address.passwordFile === undefined))
    problems.push({
      path: at(address.username === undefined ? 'username' : 'passwordFile'),
      zh: 'username 与 passwordFile 要一起写。',
      en: 'username and passwordFile belong together.',
    });
  if (address.host === undefined && (address.username ?? address.port ?? address.fingerprint) !== undefined)
    problems.push({ path: at('host'), zh: '缺少设备地址（host）。', en: 'The address of the device (host) is missing.' });
  return problems;
}

/** Two devices that nobody could tell apart. */
function twins(devices: readonly HttpDevice[], key: string, wordOf: (device: HttpDevice) => string | undefined): ConfigProblem[] {
  const first = new Map<string, string>();
  return devices.flatMap((device) => {
    const word = wordOf(device);
    const other = word === undefined ? undefined : first.get(word);
    if (word !== undefined && other === undefined) first.set(word, device.id);
    if (other === undefined) return [];
    return [
      {
        path: `devices.${device.id}.address.${key}`,
        zh: `设备 ${other} 与 ${device.id} 的 ${key} 相同，分不清是谁发来的。请更正其中之一。`,
        en: `Devices ${other} and ${device.id} have the same ${key}, and nobody can tell who speaks. Correct one of them.`,
      },
    ];
  });
}

/** Without an identity in the request, the address alone must tell. */
function sharedAddresses(devices: readonly HttpDevice[]): ConfigProblem[] {
  const nameless = devices.filter(({ profile }) => {
    const { listen, identity } = meaningOf(profile).transport;
    const holes = (texts: readonly string[]) => texts.some((text) => holesOf(text).includes(identity.name));
    return Object.values(listen).some((request) => !holes([request.path, ...Object.values(request.query)]));
  });
  return nameless.flatMap((device, index) => {
    const shared = device.address.from?.find((address) =>
      nameless.slice(0, index).some(({ profile, address: other }) => profile === device.profile && other.from?.includes(address)),
    );
    if (shared === undefined) return [];
    return [
      {
        path: `devices.${device.id}.address.from`,
        zh: `同一型号的另一台设备也从 ${shared} 上报，分不清是谁。请更正。`,
        en: `Another device of this model also sends from ${shared}, and nobody can tell them apart. Correct one.`,
      },
    ];
  });
}
