/** How many new alarms each community has had, by ten seconds; and when that was more than its dispatchers could deal with. */
export const sql = `
create table alarm_load (
  area text not null,
  bucket bigint not null,
  raised integer not null,
  primary key (area, bucket)
);
create table flood (
  id text primary key,
  area text not null,
  started_at bigint not null,
  ended_at bigint,
  alarms integer not null default 0,
  operators integer not null default 1,
  per_operator double precision not null default 0,
  groups jsonb not null default '[]'
);
create unique index flood_one_open on flood (area) where ended_at is null;
create index flood_started on flood (started_at desc, id);
`;
