/** Where things stand: areas, gateways, devices, and how far each gateway's log is committed. */
export const sql = `
create table area (
  path text primary key,
  parent text,
  kind text not null,
  name text not null
);

create table gateway (
  id text primary key,
  area text not null,
  name jsonb not null,
  state text not null default 'unclaimed' check (state in ('unclaimed', 'online', 'offline', 'revoked')),
  last_seen bigint,
  epoch text,
  last_alarm bigint not null default 0,
  last_telemetry bigint not null default 0,
  skew_ms bigint,
  version text,
  site_hash text,
  certificate_serial text,
  certificate_fingerprint text,
  certificate_until bigint
);

create table ingest_cursor (
  log integer not null unique generated always as identity,
  gateway text not null,
  epoch text not null,
  alarm bigint not null default 0,
  telemetry bigint not null default 0,
  last_alarm bigint not null default 0,
  last_telemetry bigint not null default 0,
  delivered_alarm bigint not null default 0,
  delivered_telemetry bigint not null default 0,
  gaps_alarm bigint not null default 0,
  gaps_telemetry bigint not null default 0,
  primary key (gateway, epoch)
);

create table device (
  key integer primary key generated always as identity,
  gateway text not null,
  id text not null,
  profile text not null,
  category text not null default 'other',
  name jsonb not null,
  place jsonb not null default '{}',
  place_text text not null default '',
  area text not null,
  availability text not null default 'unknown',
  last_at bigint,
  search text not null default '',
  removed_at bigint,
  unique (gateway, id)
);
create index device_area on device (area text_pattern_ops);
`;
