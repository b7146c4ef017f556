/** Incidents that became one, what was reported onward, whether the desk is manned, and whether everybody sent is safe. */
export const sql = `
alter table incident add column merged_into text references incident (id);

create table onward_report (
  incident text primary key references incident (id),
  receiver text not null,
  how text not null,
  text text not null,
  by text not null,
  by_name text not null,
  at bigint not null
);

-- 查岗: a number is shown at the desk of an area, and somebody there types it within the time.
create table post_check (
  id text primary key,
  area text not null,
  question text not null,
  asked_at bigint not null,
  asked_by_name text not null,
  answer_by bigint not null,
  answered_at bigint,
  answered_by_name text,
  wrong integer not null default 0,
  state text not null default 'asked'
);
create index post_check_area on post_check (area text_pattern_ops, asked_at desc);

-- 清点: everybody under way or on scene is asked whether they are safe.
create table roll_call (
  id text primary key,
  incident text not null references incident (id),
  at bigint not null,
  by_name text not null,
  answer_by bigint not null,
  people jsonb not null
);
create index roll_call_incident on roll_call (incident, at desc);
`;
