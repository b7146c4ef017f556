import type { FrameBody } from '@yihu/device-profiles/vocabulary/frame.ts';
import type { Profile } from '@yihu/device-profiles/vocabulary/profile.ts';

/**
 * A codec that can be asked by hand: `yihu-gateway decode --wire`, and the vectors of profiles. A driver's folder may have
 * a `codec.ts` that exports `codecs: readonly Codec[]`; adding one edits no existing file. Pure; no bytes make it throw.
 */
export interface Codec {
  /** The word of `--wire`, such as `modbus-rtu`, `dlt645`. */
  readonly name: string;
  /** Its frames are written down as text, such as `##0101QN=…`; hex of that text is taken too. */
  readonly isText?: true;
  /**
   * Whole frames in bytes that hold several, in their order; what stands between them is slid over. Bounded by the bytes and
   * not by what they say. Absent: a frame is all there is.
   */
  find?(bytes: Uint8Array): readonly Span[];
  /** The fields of one whole frame in the order they stand there, or why it is refused. */
  explain(bytes: Uint8Array): Explained;
  /** What the driver would hand on for a device of this profile; without it the wire is for reading by people only. */
  frames?(profile: Profile, bytes: Uint8Array): { readonly bodies: readonly FrameBody[] } | Refused;
}

/** Bytes from `at` up to `end`. */
export interface Span {
  readonly at: number;
  readonly end: number;
}

export type Explained = { readonly fields: readonly CodecField[] } | Refused;

export interface CodecField {
  /** The field's name in its standard, such as `unit`, `function`, `CS`. */
  readonly name: string;
  /** As it stands there, in hex or in the standard's own notation. */
  readonly value: string;
  /** What it means. */
  readonly zh?: string;
  readonly en?: string;
}

export interface Refused {
  readonly refused: { readonly code: string; readonly zh: string; readonly en: string };
}
