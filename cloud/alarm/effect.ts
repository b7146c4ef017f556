import type { TimelineLine } from '@yihu/device-profiles/vocabulary/incident.ts';

/** What follows from a decision about an alarm; carried out by whoever holds the records. */
export type AlarmEffect =
  /** One line of the incident's timeline. */
  | { do: 'line'; kind: TimelineLine['kind']; text: TimelineLine['text']; data: TimelineLine['data'] }
  /** People must hear of it, with fresh timers. `rise`: graver than what they acknowledged. */
  | { do: 'notify'; rise: boolean }
  /** Nobody has to be told any more. */
  | { do: 'settle' }
  /** Look at the shelf again then. */
  | { do: 'shelf-ends'; at: number }
  | { do: 'shelf-off' };
