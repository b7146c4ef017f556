import type { TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';

/** The axes that end by the server's clock: a shelf, an acknowledgement given for a time, a time out of service. */
export type TimedAxis = 'shelf' | 'ack' | 'service';

/** What follows from a decision about an alarm; carried out by whoever holds the records. */
export type AlarmEffect =
  /** One line of the incident's timeline. */
  | { do: 'line'; kind: TimelineLine['kind']; text: TimelineLine['text']; data: TimelineLine['data'] }
  /** People must hear of it, with fresh timers. `rise`: graver than what they acknowledged. */
  | { do: 'notify'; rise: boolean }
  /** Nobody has to be told any more. */
  | { do: 'settle' }
  /** Look at this axis again then; null: not any more. */
  | { do: 'timer'; axis: TimedAxis; at: number | null };
