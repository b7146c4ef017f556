/**
 * 快照: pictures of alarms. A row for each picture a gateway spoke of, whether it came or why not; the alarms it is of; the
 * bytes apart, so that lists never touch them; and the parts of the one picture of a gateway that is on its way.
 */
export const sql = `
create table snapshot (
  id text primary key,
  gateway text not null,
  blob text not null,
  camera text not null,
  camera_name jsonb not null,
  at_home boolean not null,
  at bigint not null,
  bytes integer,
  sha256 text,
  type text,
  missing text,
  received_at bigint not null,
  here_at bigint,
  unique (gateway, blob)
);
create index snapshot_received on snapshot (received_at);
create index snapshot_here on snapshot (gateway, at) where here_at is not null;

create table snapshot_alarm (
  snapshot text not null references snapshot (id) on delete cascade,
  alarm text not null references alarm (id),
  primary key (snapshot, alarm)
);
create index snapshot_alarm_alarm on snapshot_alarm (alarm);

create table snapshot_picture (
  snapshot text primary key references snapshot (id) on delete cascade,
  picture bytea not null
);
alter table snapshot_picture alter column picture set storage external;

create table snapshot_part (
  gateway text not null,
  blob text not null,
  at_byte integer not null,
  part bytea not null,
  primary key (gateway, blob, at_byte)
);
`;
