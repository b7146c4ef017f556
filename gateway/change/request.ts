/** What somebody asks for: the installer at the command line or the local page, or the cloud. */
export interface ChangeRequest {
  /** The whole site file as it shall be; relative paths in it count from where the running site file is. */
  readonly text: string;
  /** Who asks, for the event log: `local`, `local/<name>`, `cloud/<name>`. */
  readonly by: string;
  /** Devices that need not answer for the change to be kept; `all`: none needs to. Default: those alone that did not answer before. */
  readonly mayBeSilent?: readonly string[] | 'all' | undefined;
  /** Verified within this or rolled back, milliseconds. Default and most: 120 s. */
  readonly withinMs?: number | undefined;
  /** Of a push of the cloud: its number, and who pushed it. */
  readonly version?: number | undefined;
}

export interface Sentence {
  readonly zh: string;
  readonly en: string;
}
