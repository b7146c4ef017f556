/** Work that was announced, and how fast one device repeats itself. */
export const sql = `
create table maintenance_window (
  id text primary key,
  name text not null,
  reason text not null,
  starts_at bigint not null,
  ends_at bigint not null,
  areas text[] not null,
  devices text[] not null default '{}',
  hazards text[] not null default '{}',
  state text not null default 'planned' check (state in ('planned', 'running', 'over', 'cancelled')),
  planned_by text not null,
  planned_at bigint not null,
  ended_at bigint,
  ended_by text
);
create index maintenance_window_open on maintenance_window (starts_at) where state in ('planned', 'running');
create index maintenance_window_planned on maintenance_window (starts_at desc, id);

alter table alarm add column chatter jsonb;
-- An alarm is out of service for as long as its device is, over all its episodes.
create index alarm_out_of_service on alarm (gateway, device) where out_of_service is not null;
create index alarm_last on alarm (gateway, device, alarm, last_at desc);
`;
