/**
 * What gateways say of their clocks, what they said before they knew the time (kept until they do), and what became of
 * orders to devices.
 */
export const sql = `
create table clock_change (
  gateway text not null,
  epoch text not null,
  seq bigint not null,
  at bigint not null,
  what text not null,
  boot text not null,
  shift_ms bigint not null,
  said_by text not null,
  estimated boolean not null,
  received_at bigint not null,
  primary key (gateway, epoch, seq)
);
create index clock_change_boot on clock_change (gateway, boot) where what = 'trusted';

-- \`shown\` stands in the tables in place of a time that nobody knows yet; \`at\` is milliseconds since that boot.
create table untimed (
  gateway text not null,
  boot text not null,
  log integer not null,
  seq bigint not null,
  device text not null,
  at bigint not null,
  shown bigint not null,
  alarms jsonb not null default '[]',
  primary key (log, seq)
);
create index untimed_boot on untimed (gateway, boot);

create table device_act (
  log integer not null,
  seq bigint not null,
  device integer not null,
  id text not null,
  command text not null,
  name jsonb not null,
  args jsonb not null,
  state text not null,
  actors text[] not null,
  cause jsonb,
  reason jsonb,
  shown jsonb,
  at bigint not null,
  received_at bigint not null,
  primary key (log, seq)
);
create index device_act_device_at on device_act (device, at desc);
`;
