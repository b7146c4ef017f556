import type { XmlValue } from '../../xml.ts';
import { escaped, localName } from './envelope.ts';
import { limits } from './limits.ts';
import { names } from './names.ts';
import { all, at, words } from './tree.ts';

/** Paths of a camera's services. */
export interface Services {
  readonly media?: string;
  readonly media2?: string;
  readonly events?: string;
  readonly deviceIo?: string;
  /** Host and port that it takes for its own. Nobody goes there: behind a NAT, or after a move, they are not the camera's. */
  readonly claims?: string;
}

/** Requests without arguments that a login opens, by their names. */
export const requests = {
  services: `<GetServices xmlns="${names.device}"><IncludeCapability>false</IncludeCapability></GetServices>`,
  capabilities: `<GetCapabilities xmlns="${names.device}"><Category>All</Category></GetCapabilities>`,
  information: `<GetDeviceInformation xmlns="${names.device}"/>`,
  profiles: `<GetProfiles xmlns="${names.media}"/>`,
  profiles2: `<GetProfiles xmlns="${names.media2}"><Type>VideoEncoder</Type></GetProfiles>`,
  relays: `<GetRelayOutputs xmlns="${names.device}"/>`,
} as const;

const serviceNames: Readonly<Record<string, Exclude<keyof Services, 'claims'>>> = {
  [names.media]: 'media',
  [names.media2]: 'media2',
  [names.events]: 'events',
  [names.deviceIo]: 'deviceIo',
};

export function servicesIn(body: XmlValue): Services {
  const found: Record<string, string> = {};
  for (const service of all(at(body, 'GetServicesResponse'), 'Service').slice(0, limits.services)) {
    const name = serviceNames[words(at(service, 'Namespace')) ?? ''];
    const address = words(at(service, 'XAddr'));
    if (name !== undefined) Object.assign(found, serviceAt(name, address));
  }
  return found;
}

function serviceAt(name: keyof Services, address: string | undefined): Services {
  const path = pathOf(address);
  return path === undefined ? {} : { claims: new URL(address ?? '').host, [name]: path };
}

/** The same of cameras from before GetServices (ONVIF Core §8.1.2.3). */
export function capabilitiesIn(body: XmlValue): Services {
  const capabilities = at(body, 'GetCapabilitiesResponse', 'Capabilities');
  const places = [
    ['media', at(capabilities, 'Media', 'XAddr')],
    ['events', at(capabilities, 'Events', 'XAddr')],
    ['deviceIo', at(capabilities, 'Extension', 'DeviceIO', 'XAddr')],
  ] as const;
  const found: Services = {};
  for (const [name, address] of places) Object.assign(found, serviceAt(name, words(address)));
  return found;
}

/** Path and query of an address of the camera's, whatever host it names. */
export function pathOf(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return undefined;
  const { protocol, pathname, search } = new URL(address);
  return protocol === 'http:' || protocol === 'https:' ? pathname + search : undefined;
}

/** 型号: what the camera says it is; shown to the installer. */
export function informationIn(body: XmlValue): string {
  const response = at(body, 'GetDeviceInformationResponse');
  const parts = ['Manufacturer', 'Model', 'FirmwareVersion'].map((name) => words(at(response, name)) ?? '');
  return parts
    .filter((part) => part !== '')
    .join(' ')
    .slice(0, limits.textChars);
}

export interface MediaProfile {
  readonly token: string;
  /** Of its video; 0 where the camera does not say. */
  readonly width: number;
  readonly height: number;
  /** Which of the two media services it is of. */
  readonly service: 'media' | 'media2';
}

/** Profiles of Media (ver10) or Media2 (ver20). One without a video encoder is a profile like any other. */
export function profilesIn(body: XmlValue, service: MediaProfile['service']): MediaProfile[] {
  return all(at(body, 'GetProfilesResponse'), 'Profiles')
    .slice(0, limits.profiles)
    .flatMap((profile) => {
      const token = words(at(profile, 'token'));
      if (token === undefined || token === '') return [];
      const encoder =
        service === 'media' ? at(profile, 'VideoEncoderConfiguration') : at(profile, 'Configurations', 'VideoEncoder');
      const size = (name: string) => Number.parseInt(words(at(encoder, 'Resolution', name)) ?? '0', 10) || 0;
      return [{ token, width: size('Width'), height: size('Height'), service }];
    });
}

/**
 * In the order in which they are asked for a picture: the largest up to 1280×720 first, then smaller ones, then those of
 * which nothing is known, then larger ones.
 */
export function byPicture(profiles: readonly MediaProfile[]): MediaProfile[] {
  const rank = ({ width, height }: MediaProfile) => {
    const area = width * height;
    if (area === 0) return [1, 0] as const;
    return area <= 1280 * 720 ? ([0, -area] as const) : ([2, area] as const);
  };
  return [...profiles].sort((a, b) => rank(a)[0] - rank(b)[0] || rank(a)[1] - rank(b)[1]);
}

export function snapshotRequest({ token, service }: MediaProfile): string {
  return `<GetSnapshotUri xmlns="${names[service]}"><ProfileToken>${escaped(token)}</ProfileToken></GetSnapshotUri>`;
}

export function streamRequest({ token, service }: MediaProfile): string {
  const profile = `<ProfileToken>${escaped(token)}</ProfileToken>`;
  if (service === 'media2') return `<GetStreamUri xmlns="${names.media2}"><Protocol>RTSP</Protocol>${profile}</GetStreamUri>`;
  const setup =
    `<StreamSetup><Stream xmlns="${names.schema}">RTP-Unicast</Stream>` +
    `<Transport xmlns="${names.schema}"><Protocol>RTSP</Protocol></Transport></StreamSetup>`;
  return `<GetStreamUri xmlns="${names.media}">${setup}${profile}</GetStreamUri>`;
}

/** Of GetSnapshotUri or GetStreamUri, in either media service. */
export function uriIn(body: XmlValue, call: 'GetSnapshotUri' | 'GetStreamUri'): string | undefined {
  const response = at(body, `${call}Response`);
  const uri = words(at(response, 'MediaUri', 'Uri')) ?? words(at(response, 'Uri'));
  return uri === undefined || uri === '' ? undefined : uri;
}

/** Tokens of the outputs, in the camera's own order. */
export function relaysIn(body: XmlValue): string[] {
  return all(at(body, 'GetRelayOutputsResponse'), 'RelayOutputs')
    .slice(0, limits.relays)
    .flatMap((relay) => words(at(relay, 'token')) ?? []);
}

export function relayRequest(token: string, state: 'active' | 'inactive'): string {
  return (
    `<SetRelayOutputState xmlns="${names.device}"><RelayOutputToken>${escaped(token)}</RelayOutputToken>` +
    `<LogicalState>${state}</LogicalState></SetRelayOutputState>`
  );
}

/** True for a camera that does not know the call: an older one, or a simpler one. */
export function isUnknownCall(code: string): boolean {
  return /ActionNotSupported|NotSupported|NotImplemented|UnknownAction|OptionalActionNotImplemented|NoSuchService/i.test(
    localName(code),
  );
}
