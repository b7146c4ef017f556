/** What an MQTT port counts, in the order `/metrics` shows it. */
export const counterNames = [
  'messages_kept',
  'messages_not_kept',
  'messages_lost_qos0',
  'topics_unknown',
  'topics_foreign',
  'topics_malformed',
  'qos2_refused',
  'retained_ignored',
  'subscriptions_refused',
  'logins_refused',
  'client_ids_refused',
  'wills_refused',
  'take_overs',
  'connections',
  'connections_refused',
  'guard_closed',
  'restarts',
] as const;
export type CounterName = (typeof counterNames)[number];
