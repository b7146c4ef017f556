import type { z } from 'zod';
import type { Profile } from '../vocabulary/profile.ts';
import type { Text } from '../vocabulary/text.ts';
import type { Finding, ProblemPath } from './source.ts';

/**
 * 协议: what a profile may say of one way to speak to a device. A file of `device-profiles/protocols/` exports
 * `protocol: Protocol`; adding one edits no existing file.
 */
export interface Protocol<T = unknown> {
  /** The word of `transport.protocol`. */
  readonly name: string;
  /** Schema of the whole transport section, with `protocol` as a literal. Strict. */
  readonly transport: z.ZodType<T>;
  /**
   * Where values come from. `registers`: points have a numeric `at` in a table. `items`: points have a key as `at` and a
   * wire type. `messages`: the branches of `decode` feed the points.
   */
  readonly values: 'registers' | 'items' | 'messages';
  /** Asked by the gateway in poll groups, as opposed to speaking by itself. */
  readonly isPolled: boolean;
  /** Schema of a command's `do`. Without it the protocol has no commands. */
  readonly command?: z.ZodType;
  /** Names in braces that a command's `do` may use without asking for them as arguments: the driver knows them. */
  readonly commandWords?: readonly string[];
  /** Everything a schema cannot see. Paths count from the profile's top. */
  check(profile: Profile, transport: T): Finding[];
  /** The channels messages come by; without it, whatever `decode` names. */
  channels?(transport: T): readonly string[];
  /** Texts in the transport section that people read. */
  texts?(transport: T): readonly { readonly path: ProblemPath; readonly text: Text }[];
}
