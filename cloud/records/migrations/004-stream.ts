/** What wakes the screens, what is due, and which commands were already carried out. */
export const sql = `
create table stream_event (
  id bigint primary key,
  area text not null,
  type text not null,
  at bigint not null,
  event jsonb not null
);
create table stream_head (
  one boolean primary key default true check (one),
  last bigint not null
);
insert into stream_head (last) values (0);

create table due (
  id bigint primary key generated always as identity,
  kind text not null,
  subject text not null,
  step integer not null default 0,
  due_at bigint not null,
  data jsonb not null default '{}',
  unique (kind, subject, step)
);
create index due_at on due (due_at);

create table command (
  actor text not null,
  key text not null,
  subject text not null,
  at bigint not null,
  primary key (actor, key)
);
create index command_at on command (at);
`;
