import type { ConfigProblem } from '../driver.ts';
import { filterOf, loginOf, type MqttDevice, transportOf } from './address.ts';
import { isOwnBroker, type MqttPort } from './port.ts';
import { filterFault } from './topics.ts';

/** Everything about a port's devices that a schema cannot see. */
export function check(port: MqttPort, devices: readonly MqttDevice[]): ConfigProblem[] {
  const problems = devices.flatMap(deviceProblems);
  problems.push(...duplicates(devices));
  if (isOwnBroker(port) && port.login === 'required') problems.push(...loginProblems(port.deviceKeyFile, devices));
  return problems;
}

function deviceProblems(device: MqttDevice): ConfigProblem[] {
  const transport = transportOf(device);
  if (!transport) return [];
  const { identity } = device.address;
  const path = `devices.${device.id}.address.identity`;
  if (!new RegExp(`^(?:${transport.identity.pattern})$`, 'u').test(identity)) {
    const { label, pattern } = transport.identity;
    return [
      {
        path,
        zh: `“${identity}”不符合${label.zh}的格式 ${pattern}，请对照设备标签更正`,
        en: `"${identity}" does not fit the pattern ${pattern} of ${label.en ?? label.zh}. Correct it from the device's label.`,
      },
    ];
  }
  if (/[+#\p{Cc}\ufffd]/u.test(identity)) {
    return [
      {
        path,
        zh: `“${identity}”含有主题通配符或控制字符，请更正`,
        en: `"${identity}" holds a topic wildcard or a control character. Correct it.`,
      },
    ];
  }
  return Object.entries(transport.topics).flatMap(([channel, { filter }]) => {
    const fault = filterFault(filterOf(transport, filter, identity));
    if (!fault) return [];
    return [
      {
        path: `devices.${device.id}.profile`,
        zh: `设备档案的主题 ${channel}（${filter}）不是有效的 MQTT 主题过滤器，请更正档案`,
        en: `The profile's topic ${channel} (${filter}) is no MQTT topic filter: ${fault}. Correct the profile.`,
      },
    ];
  });
}

/** Two devices of one profile with one identity would both claim every message. */
function duplicates(devices: readonly MqttDevice[]): ConfigProblem[] {
  const first = new Map<string, string>();
  return devices.flatMap((device) => {
    const key = `${device.profile.id}\n${device.address.identity}`;
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, device.id);
      return [];
    }
    return [
      {
        path: `devices.${device.id}.address.identity`,
        zh: `设备 ${other} 与 ${device.id} 使用同一标识“${device.address.identity}”，请更正其中之一`,
        en: `Devices ${other} and ${device.id} have the same identity "${device.address.identity}". Correct one of them.`,
      },
    ];
  });
}

function loginProblems(keyFile: string | undefined, devices: readonly MqttDevice[]): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (keyFile === undefined) {
    problems.push({
      path: 'deviceKeyFile',
      zh: '要求设备登录时必须给出 deviceKeyFile（设备密钥文件，缺失时自动创建）',
      en: 'With login: required, name a deviceKeyFile (made where it is missing).',
    });
  }
  // Devices behind one concentrator share its login; one of them carries the hash for all.
  const withSecret = new Set(devices.filter(({ address }) => address.secret).map(loginOf));
  for (const device of devices) {
    if (withSecret.has(loginOf(device))) continue;
    problems.push({
      path: `devices.${device.id}.address.secret`,
      zh: `设备 ${device.id} 没有口令。请运行 yihu-gateway secret <deviceKeyFile> 签发，并把 hmac-sha256 值写入 address.secret`,
      en: `Device ${device.id} has no secret. Issue one with yihu-gateway secret <deviceKeyFile> and put the hmac-sha256 value into address.secret.`,
    });
  }
  return problems;
}
