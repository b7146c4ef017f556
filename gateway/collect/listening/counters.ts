/** What a port counts that devices dial in to, in the order `/metrics` shows it. */
export const counterNames = [
  'frames_kept',
  'frames_not_kept',
  'frames_repeated',
  'frames_damaged',
  'noise_bytes',
  'strangers_refused',
  'take_overs',
  'take_overs_refused',
  'commands_sent',
  'connections',
  'connections_refused',
  'closed_before_known',
  'closed_silent',
  'closed_noise',
  'closed_frozen',
  'restarts',
] as const;
export type CounterName = (typeof counterNames)[number];
