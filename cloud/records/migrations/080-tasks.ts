/**
 * 任务: whatever somebody is asked to do. An errand (leg) is one person's part in a task; each of those there were before
 * becomes a task of its own. A task without an incident keeps a chain under its own id.
 */
export const sql = `
create table task (
  id text primary key,
  kind text not null,
  state text not null,
  title jsonb not null,
  note text,
  area text not null,
  place text not null,
  position jsonb,
  source jsonb not null,
  incident text references incident (id),
  life_safety boolean not null,
  roles text[] not null,
  person text,
  person_name text,
  leg text,
  offered_until bigint,
  due_at bigint,
  created_at bigint not null,
  created_by_name text not null,
  updated_at bigint not null,
  trouble jsonb,
  checked boolean not null,
  checks jsonb not null default '[]',
  version bigint not null,
  open boolean not null generated always as (not (state in ('verified', 'cancelled') or (state = 'done' and not checked))) stored
);
create index task_created on task (created_at desc, id);
create index task_open on task (person) where open;
create index task_incident on task (incident) where incident is not null;
create index task_source on task ((source ->> 'kind'), (source ->> 'id'));
create index task_area on task (area text_pattern_ops);

insert into task (id, kind, state, title, area, place, source, incident, life_safety, roles, person, person_name, leg, created_at,
    created_by_name, updated_at, checked, version)
  select 'task-' || l.id, 'dispatch', case l.state when 'declined' then 'cancelled' when 'expired' then 'cancelled' else l.state end,
    i.title, i.area, i.place, jsonb_build_object('kind', 'incident', 'id', i.id), i.id, i.hazard in ('fire', 'gas', 'person'),
    array['grid-worker', 'property', 'dispatcher'], l.person, l.person_name, l.id, l.at, '', l.at, false, 1
  from leg l join incident i on i.id = l.incident;

alter table leg alter column incident drop not null;
alter table leg add column task text references task (id);
alter table leg add column reason text;
update leg set task = 'task-' || id;
alter table leg alter column task set not null;
create index leg_task on leg (task);

alter table timeline drop constraint timeline_incident_fkey;

-- The last place a person on duty said to be at; gone when they go off duty.
create table person_place (
  person text primary key references app_user (id) on delete cascade,
  lon double precision not null,
  lat double precision not null,
  accuracy_m real,
  phone_at bigint not null,
  received_at bigint not null
);
`;
