/** What comes of answers and of silence: needs, doors to knock at, and the roll-up by household and by area. */
export const sql = `
-- Somebody needs help: in front of the dispatcher until somebody has taken care of it.
create table call_need (
  id text primary key,
  call text not null references call (id),
  area text not null,
  person text not null,
  state text not null default 'open',
  people integer,
  note text,
  at bigint not null,
  by text,
  by_name text,
  outcome text,
  done_at bigint,
  version integer not null default 1,
  unique (call, person)
);
create index call_need_open on call_need (at) where state <> 'done';

-- A home somebody has to go to.
create table call_door (
  call text not null references call (id),
  area text not null,
  state text not null default 'open',
  asked text[] not null default '{}',
  at bigint not null,
  outcome text,
  note text,
  by text,
  by_name text,
  done_at bigint,
  version integer not null default 1,
  primary key (call, area)
);

create table call_home (
  call text not null,
  area text not null,
  people integer not null,
  safe integer not null,
  help integer not null,
  away integer not null,
  refused integer not null,
  silent integer not null,
  unreachable integer not null,
  vulnerable_silent integer not null,
  primary key (call, area)
);
create index call_home_below on call_home (call, area text_pattern_ops);

create table call_count (
  call text not null,
  area text not null,
  kind text not null,
  count jsonb not null,
  primary key (call, area)
);
`;
