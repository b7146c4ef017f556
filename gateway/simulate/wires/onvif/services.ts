import { dateText, faultText, inEnvelope, namespaces, type Request, said } from './words.ts';

/** What a simulated camera is at the moment of a call. */
export interface CameraState {
  readonly base: string;
  readonly media: readonly ('media' | 'media2')[];
  readonly hasServices: boolean;
  readonly hasBareProfile: boolean;
  readonly streamUri: string;
  /** The address of a profile's picture; '': it has none. */
  readonly picture: (token: string) => string;
  readonly relays: readonly boolean[];
  /** Its own time, milliseconds. */
  readonly at: number;
}

type Answer = (request: Request, state: CameraState) => string;

const notSupported = faultText('ter:ActionNotSupported', 'Optional Action Not Implemented');

/** What a call comes to; a fault where the camera has no such call at that path. */
export function answerTo(request: Request, path: string, state: CameraState): string {
  const service = services.find((each) => each.path === path && each.namespace === request.namespace);
  const answer = service && Object.hasOwn(service.calls, request.operation) ? service.calls[request.operation] : undefined;
  const has = service?.isThere?.(state) ?? true;
  const said = has ? answer?.(request, state) : undefined;
  if (said === undefined) return notSupported;
  return said.startsWith('<?xml') ? said : inEnvelope(said);
}

interface Service {
  readonly path: string;
  readonly namespace: string;
  readonly calls: Readonly<Record<string, Answer>>;
  readonly isThere?: (state: CameraState) => boolean;
}

const device: Readonly<Record<string, Answer>> = {
  GetSystemDateAndTime: (_, { at }) => dateText(at),
  GetServices: (_, { base, media, hasServices }) => {
    if (!hasServices) return notSupported;
    const list = services.filter(({ path }) => !path.endsWith('/media') || media.includes('media'));
    const offered = list.filter(({ path }) => !path.endsWith('/media2') || media.includes('media2'));
    const each = ({ namespace, path }: Service) =>
      `<tds:Service><tds:Namespace>${namespace}</tds:Namespace><tds:XAddr>${base}${path}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>`;
    return `<tds:GetServicesResponse>${offered.map(each).join('')}</tds:GetServicesResponse>`;
  },
  GetCapabilities: (_, { base, media }) => {
    const events = `<tt:Events><tt:XAddr>${base}/onvif/events</tt:XAddr><tt:WSSubscriptionPolicySupport>false</tt:WSSubscriptionPolicySupport><tt:WSPullPointSupport>true</tt:WSPullPointSupport><tt:WSPausableSubscriptionManagerInterfaceSupport>false</tt:WSPausableSubscriptionManagerInterfaceSupport></tt:Events>`;
    const first = `<tt:Device><tt:XAddr>${base}/onvif/device_service</tt:XAddr></tt:Device>`;
    const pictures = media.includes('media') ? `<tt:Media><tt:XAddr>${base}/onvif/media</tt:XAddr></tt:Media>` : '';
    return `<tds:GetCapabilitiesResponse><tds:Capabilities>${first}${events}${pictures}</tds:Capabilities></tds:GetCapabilitiesResponse>`;
  },
  GetDeviceInformation: () =>
    '<tds:GetDeviceInformationResponse><tds:Manufacturer>Yihu</tds:Manufacturer><tds:Model>Simulated camera</tds:Model>' +
    '<tds:FirmwareVersion>1.0</tds:FirmwareVersion><tds:SerialNumber>1</tds:SerialNumber><tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>',
  GetRelayOutputs: (_, { relays }) => {
    const each = (_relay: boolean, index: number) =>
      `<tds:RelayOutputs token="Relay_${index + 1}"><tt:Properties><tt:Mode>Bistable</tt:Mode><tt:DelayTime>PT0S</tt:DelayTime><tt:IdleState>open</tt:IdleState></tt:Properties></tds:RelayOutputs>`;
    return `<tds:GetRelayOutputsResponse>${relays.map(each).join('')}</tds:GetRelayOutputsResponse>`;
  },
  SetRelayOutputState: ({ text }, { relays }) => {
    const [, nth = ''] = /^Relay_(\d+)$/.exec(said(text, 'RelayOutputToken')) ?? [];
    if (relays[Number(nth) - 1] === undefined) return faultText('ter:RelayToken', 'Unknown relay token reference');
    return '<tds:SetRelayOutputStateResponse/>';
  },
};

const sizes = { main: [1280, 720], sub: [640, 360] } as const;

const sourceItems =
  '<tt:Name>src</tt:Name><tt:UseCount>2</tt:UseCount><tt:SourceToken>source</tt:SourceToken><tt:Bounds x="0" y="0" width="1280" height="720"/>';

const media: Readonly<Record<string, Answer>> = {
  GetProfiles: (_, { hasBareProfile }) => {
    const encoder = (token: keyof typeof sizes) =>
      `<tt:VideoEncoderConfiguration token="enc_${token}"><tt:Name>enc</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>H264</tt:Encoding>${resolution(token)}` +
      '<tt:Quality>4</tt:Quality></tt:VideoEncoderConfiguration>';
    const source = `<tt:VideoSourceConfiguration token="src">${sourceItems}</tt:VideoSourceConfiguration>`;
    const profile = (token: string, more: string) =>
      `<trt:Profiles token="${token}" fixed="true"><tt:Name>${token}</tt:Name>${more}</trt:Profiles>`;
    const bare = hasBareProfile ? profile('bare', source) : '';
    return `<trt:GetProfilesResponse>${bare}${profile('main', source + encoder('main'))}${profile('sub', source + encoder('sub'))}</trt:GetProfilesResponse>`;
  },
  GetVideoSources: () =>
    '<trt:GetVideoSourcesResponse><trt:VideoSources token="source"><tt:Framerate>25</tt:Framerate>' +
    '<tt:Resolution><tt:Width>1280</tt:Width><tt:Height>720</tt:Height></tt:Resolution></trt:VideoSources></trt:GetVideoSourcesResponse>',
  GetSnapshotUri: ({ text }, { picture }) => {
    const uri = picture(said(text, 'ProfileToken'));
    if (uri === '') return faultText('ter:ActionNotSupported', 'No snapshot');
    return `<trt:GetSnapshotUriResponse>${mediaUri('trt', uri)}</trt:GetSnapshotUriResponse>`;
  },
  GetStreamUri: (_, { streamUri }) => `<trt:GetStreamUriResponse>${mediaUri('trt', streamUri)}</trt:GetStreamUriResponse>`,
};

const media2: Readonly<Record<string, Answer>> = {
  GetProfiles: (_, { hasBareProfile }) => {
    const profile = (token: string, encoder: string) =>
      `<tr2:Profiles token="${token}" fixed="true"><tr2:Name>${token}</tr2:Name><tr2:Configurations><tr2:VideoSource token="src">${sourceItems}</tr2:VideoSource>${encoder}</tr2:Configurations></tr2:Profiles>`;
    const encoder = (token: keyof typeof sizes) =>
      `<tr2:VideoEncoder token="enc_${token}"><tt:Name>enc</tt:Name><tt:UseCount>1</tt:UseCount><tt:Encoding>H265</tt:Encoding>${resolution(token)}</tr2:VideoEncoder>`;
    const bare = hasBareProfile ? profile('bare', '') : '';
    return `<tr2:GetProfilesResponse>${bare}${profile('main', encoder('main'))}${profile('sub', encoder('sub'))}</tr2:GetProfilesResponse>`;
  },
  GetSnapshotUri: ({ text }, { picture }) => {
    const uri = picture(said(text, 'ProfileToken'));
    if (uri === '') return faultText('ter:ActionNotSupported', 'No snapshot');
    return `<tr2:GetSnapshotUriResponse><tr2:Uri>${uri}</tr2:Uri></tr2:GetSnapshotUriResponse>`;
  },
  GetStreamUri: (_, { streamUri }) => `<tr2:GetStreamUriResponse><tr2:Uri>${streamUri}</tr2:Uri></tr2:GetStreamUriResponse>`,
};

const services: readonly Service[] = [
  { path: '/onvif/device_service', namespace: namespaces.tds, calls: device },
  { path: '/onvif/media', namespace: namespaces.trt, calls: media, isThere: (state) => state.media.includes('media') },
  { path: '/onvif/media2', namespace: namespaces.tr2, calls: media2, isThere: (state) => state.media.includes('media2') },
  { path: '/onvif/events', namespace: namespaces.tev, calls: {} },
];

function resolution(token: keyof typeof sizes): string {
  const [width, height] = sizes[token];
  return `<tt:Resolution><tt:Width>${width}</tt:Width><tt:Height>${height}</tt:Height></tt:Resolution>`;
}

function mediaUri(prefix: string, uri: string): string {
  return `<${prefix}:MediaUri><tt:Uri>${uri}</tt:Uri><tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot><tt:Timeout>PT0S</tt:Timeout></${prefix}:MediaUri>`;
}
