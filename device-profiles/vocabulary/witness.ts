import { z } from 'zod';

/** The alarm that an installer raises to try the path; its name among the alarms of a device. */
export const testAlarmId = 'installer-test';

/**
 * 见证: what became of an installer's test alarm at the other end, said by the cloud on `gw/<id>/witness` while the test lasts.
 * `shown`: the screen of somebody on duty has it before their eyes. `answered`: they acknowledged it. It is said once and not
 * kept: a gateway that is away meanwhile does not hear it, and says that nobody answered.
 */
export const Witness = z.strictObject({
  device: z.string().max(64),
  episode: z.number().int().positive(),
  step: z.enum(['shown', 'answered']),
  /** Whose screen. */
  by: z.string().max(120),
});
export type Witness = z.infer<typeof Witness>;
