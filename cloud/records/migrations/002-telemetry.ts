/**
 * What the devices said; log and seq name the record a row came from. One telemetry row per device frame; \`readings\` is point → value, or
 * point → [value, quality, reason, at - row at, deviceAt] where the plain value would not say it all.
 */
export const sql = `
create table telemetry (
  device integer not null,
  log integer not null,
  seq bigint not null,
  at bigint not null,
  readings jsonb not null
);
create index telemetry_device_at on telemetry (device, at);
create index telemetry_at on telemetry using brin (at);

create table point_latest (
  device integer not null,
  point text not null,
  value jsonb,
  quality text not null,
  reason text,
  at bigint not null,
  primary key (device, point)
) with (fillfactor = 70);

create table device_event (
  id bigint primary key generated always as identity,
  device integer not null,
  log integer not null,
  seq bigint not null,
  type text not null,
  code text,
  serial text,
  at bigint not null,
  device_at bigint,
  received_at bigint not null,
  data jsonb not null default '{}'
);
create index device_event_device_at on device_event (device, at desc);

create table gap (
  id bigint primary key generated always as identity,
  gateway text not null,
  epoch text not null,
  lane text not null check (lane in ('alarm', 'telemetry')),
  seq bigint not null,
  through bigint not null,
  reason text not null,
  count bigint not null,
  from_at bigint,
  to_at bigint,
  received_at bigint not null
);
create index gap_gateway on gap (gateway, epoch, lane);
`;
