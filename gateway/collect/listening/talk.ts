import type { Frame } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Text } from '@yihu/device-profiles/vocabulary/text.ts';
import type { Act, ActOutcome, Keep } from '../driver.ts';
import type { Framing } from './splitter.ts';

/** What a protocol is to the guarded server. */
export interface Dialect<F> {
  readonly framing: Framing<F>;
  /** A connection without a whole frame for so long is given up, unless the site file says another time. */
  readonly silentAfterMs: number;
  /** The protocol's side of one connection. */
  talk(line: Line): Talk<F>;
}

export interface Talk<F> {
  /**
   * A whole frame. Nothing else of this connection is read until it resolves, so frames keep their order and a device that
   * is faster than the disk waits in its own socket.
   */
  hear(frame: F): Promise<void>;
  /** Bytes that looked like a frame and were none; for protocols that answer that. */
  damaged?(why: string): void;
  /** A command for a device that speaks on this connection. Never rejects. */
  act?(act: Act): Promise<ActOutcome>;
  /** The connection is gone: whoever waits for an answer gets none. */
  gone?(): void;
}

/** The guarded connection as a protocol sees it. */
export interface Line {
  /** The peer's address. */
  readonly address: string;
  /**
   * From now on this connection speaks for the device. False: two devices have this identity and fight over it; the
   * connection is closed.
   */
  claim(device: string): boolean;
  /**
   * Resolves true when the frames are on disk: only then may the device be acked. False: they could not be kept, the
   * connection is closed, and the device will send again. `keep` commits with them, as in `DriverContext.emit`.
   */
  keep(frames: readonly Frame[], keep?: Keep): Promise<boolean>;
  /** Hands bytes to the peer; one that does not read is closed. */
  send(bytes: Uint8Array): void;
  /** Says why this peer is not served (`what`: its identity), and closes the connection. */
  refuse(what: string, why: string): void;
  /** The same without closing: others speak on this connection who are known. */
  stranger(what: string, why: string): void;
  /** Marks a device whose words cannot be used, with a short English name of the fault; shown for ten minutes. */
  fault(device: string, fault: string): void;
  /** A frame that is already kept came again. */
  repeated(): void;
  /** For the installer who wonders why a device is mute; personal data and secrets left out. */
  note(device: string, said: { readonly sent?: string; readonly heard?: string; readonly note?: Text }): void;
}
