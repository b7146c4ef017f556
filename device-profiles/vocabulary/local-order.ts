import { z } from 'zod';
import { ActArguments, type ActReason, type ActState } from './act.ts';
import type { Value } from './reading.ts';
import type { Text } from './text.ts';

/** Orders to devices from the gateway's own page. */

/** Whoever stands at the page: it knows one password, and asks for names. */
const By = z.string().trim().min(1).max(60);

export const LocalOrderRequest = z.strictObject({
  /** Chosen by the page: sent twice, it is carried out once. */
  key: z.string().regex(/^[A-Za-z0-9._-]{8,64}$/, 'must be 8–64 of A-Z a-z 0-9 . _ -'),
  command: z.string().min(1).max(64),
  args: ActArguments,
  by: By,
});
export type LocalOrderRequest = z.infer<typeof LocalOrderRequest>;

/** 第二人 says yes, or somebody says no. */
export const LocalOrderAnswer = z.strictObject({ id: z.string().min(1).max(200), says: z.enum(['yes', 'no']), by: By });
export type LocalOrderAnswer = z.infer<typeof LocalOrderAnswer>;

/** 控制命令 as its profile has it. */
export interface LocalCommand {
  readonly id: string;
  readonly name: Text;
  readonly args: readonly {
    readonly id: string;
    readonly name: Text;
    readonly symbol: string;
    readonly type: 'number' | 'boolean' | 'text';
    readonly min: number | null;
    readonly max: number | null;
    readonly choices: readonly { readonly value: string; readonly name: Text }[] | null;
  }[];
  readonly needsTwo: boolean;
  /** A point of the device shows that it was done; else nobody knows more than that the device took it. */
  readonly isReadBack: boolean;
}

/** An order as it stands. */
export interface LocalOrder {
  readonly id: string;
  readonly device: string;
  readonly command: string;
  readonly name: Text;
  readonly args: ActArguments;
  readonly state: ActState;
  /** When it came to this state. */
  readonly at: number;
  readonly by: readonly string[];
  readonly reason: ActReason | null;
  readonly isReadBack: boolean;
  readonly isOver: boolean;
  /** What the device shows, where it is read back. */
  readonly shown: Value | null;
}
