/** From alarm to closing: alarms, incidents, who was sent, what was to be done, and the line-by-line account of it. */
export const sql = `
create table alarm (
  id text primary key,
  gateway text not null,
  device text not null,
  alarm text not null,
  epoch text not null,
  area text not null,
  device_name jsonb not null,
  name jsonb not null,
  hazard text not null,
  episode bigint not null,
  active boolean not null,
  severity text not null,
  peak_severity text not null,
  level smallint not null,
  occurrences bigint not null,
  raised_at bigint not null,
  last_at bigint not null,
  cleared_at bigint,
  received_at bigint not null,
  reason jsonb not null,
  value jsonb,
  ack jsonb,
  latch text not null,
  latched boolean not null,
  shelf jsonb,
  suppressed_by text[] not null default '{}',
  out_of_service jsonb,
  disposition text not null default 'unknown',
  incident text,
  version bigint not null,
  open boolean not null generated always as (active or latched or ack is null) stored
);
-- Rule 1 of the response model: one open episode, held by the database and not by read-then-write.
create unique index alarm_one_open on alarm (gateway, device, alarm) where open;
create index alarm_raised on alarm (raised_at desc, id);
create index alarm_incident on alarm (incident);
create index alarm_device on alarm (gateway, device, raised_at desc);

create table incident (
  id text primary key,
  number text not null unique,
  group_key text not null,
  title jsonb not null,
  hazard text not null,
  severity text not null,
  state text not null,
  area text not null,
  place text not null,
  opened_at bigint not null,
  edge_at bigint not null,
  updated_at bigint not null,
  last_alarm_at bigint not null,
  acked_at bigint,
  dispatched_at bigint,
  child_count integer not null default 0,
  commander text,
  disposition text not null default 'unknown',
  plan text,
  plan_version integer,
  version bigint not null,
  open boolean not null generated always as (state not in ('closed', 'false-alarm', 'cancelled', 'merged')) stored
);
create index incident_open on incident (group_key) where open;
create index incident_opened on incident (opened_at desc, id);
create index incident_area on incident (area text_pattern_ops);

create table incident_alarm (
  incident text not null references incident (id),
  alarm text not null references alarm (id),
  joined_at bigint not null,
  primary key (incident, alarm)
);

create table incident_number (
  day text primary key,
  last integer not null
);

create table leg (
  id text primary key,
  incident text not null references incident (id),
  person text not null,
  person_name text not null,
  state text not null,
  at bigint not null,
  phone_at bigint
);
create index leg_incident on leg (incident);
create index leg_person on leg (person, at desc);

create table plan_step (
  incident text not null references incident (id),
  id text not null,
  position integer not null,
  text jsonb not null,
  role text not null,
  state text not null,
  due_at bigint,
  done_at bigint,
  by text,
  reason text,
  primary key (incident, id)
);

create table timeline (
  incident text not null references incident (id),
  seq integer not null,
  at bigint not null,
  edge_at bigint,
  kind text not null,
  actor text,
  actor_name text,
  text jsonb not null,
  data text not null,
  hash text not null,
  primary key (incident, seq)
);
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name;
end $$;
create trigger timeline_append_only before update or delete on timeline for each row execute function refuse_change();
create trigger timeline_no_truncate before truncate on timeline for each statement execute function refuse_change();
`;
