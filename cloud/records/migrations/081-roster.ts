/** 值班: who is to be there, where nobody is, and what one shift hands to the next; what an incident needs. */
export const sql = `
create table duty_need (
  area text not null,
  role text not null,
  least integer not null,
  primary key (area, role)
);
create table shift (
  id text primary key,
  area text not null,
  role text not null,
  person text not null references app_user (id) on delete cascade,
  person_name text not null,
  from_at bigint not null,
  to_at bigint not null,
  cancelled_at bigint,
  by_name text not null,
  at bigint not null
);
create index shift_area on shift (area, from_at) where cancelled_at is null;
create index shift_person on shift (person, from_at) where cancelled_at is null;

-- 缺岗 that people were told of; closed when somebody fills it or its time is over.
create table duty_gap (
  id text primary key,
  area text not null,
  role text not null,
  from_at bigint not null,
  to_at bigint not null,
  missing integer not null,
  seen_at bigint not null,
  closed_at bigint
);
create index duty_gap_open on duty_gap (area) where closed_at is null;

create table hand_over (
  id text primary key,
  area text not null,
  state text not null default 'draft',
  items jsonb not null,
  notes jsonb not null default '[]',
  outgoing text not null,
  outgoing_name text not null,
  outgoing_at bigint,
  incoming text,
  incoming_name text,
  incoming_at bigint,
  created_at bigint not null,
  version integer not null default 1
);
create index hand_over_area on hand_over (area, created_at desc);

create table incident_need (
  id text primary key,
  incident text not null references incident (id),
  area text not null,
  kind text not null,
  count integer not null,
  place text not null,
  task text references task (id),
  withdrawn_at bigint,
  by_name text not null,
  at bigint not null
);
create index incident_need_of on incident_need (incident);
`;
