import { stringify } from 'yaml';

/** Part of a site file that an installer may copy as it stands. */
export interface SiteLines {
  readonly ports: readonly Readonly<Record<string, unknown>>[];
  readonly devices: readonly ProposedDevice[];
}

export interface ProposedDevice {
  readonly id: string;
  readonly profile: string;
  readonly variant?: string;
  readonly port: string;
  readonly address: unknown;
  readonly name: string;
}

/** One line for each port and device, under the keys of the site file. */
export function siteLines({ ports, devices }: SiteLines): string[] {
  const line = (value: unknown) =>
    `  - ${stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trimEnd()}`;
  return [
    ...(ports.length > 0 ? ['ports:', ...ports.map(line)] : []),
    ...(devices.length > 0 ? ['devices:', ...devices.map(line)] : []),
  ];
}

/** A word that may be the id of a device: lower-case letters, digits, `-`. */
export function idOf(text: string): string {
  const word = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 48);
  return /^[a-z]/.test(word) ? word : `d-${word}`;
}
