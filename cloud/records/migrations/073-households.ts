/**
 * 住户: the link of a home, and what comes by it: reports, calls for help, receipts of notices. A link that was replaced opens
 * nothing any more, and what came by it is not shown to the next.
 */
export const sql = `
create table household_link (
  nth bigint primary key generated always as identity,
  area text not null,
  at bigint not null,
  by_name text not null,
  ended_at bigint
);
create unique index household_link_one on household_link (area) where ended_at is null;

create table resident_report (
  id text primary key,
  number text not null unique,
  link bigint not null references household_link (nth),
  kind text not null,
  text text not null,
  area text not null,
  place text not null,
  photo text,
  task text not null,
  at bigint not null
);
create index resident_report_link on resident_report (link, at desc);

create table resident_sos (
  id text primary key,
  link bigint not null references household_link (nth),
  area text not null,
  state text not null check (state in ('pending', 'sent', 'undone', 'safe')),
  at bigint not null,
  due_at bigint not null,
  ended_at bigint,
  lon double precision,
  lat double precision,
  accuracy_m real,
  alarm text
);
create index resident_sos_link on resident_sos (link, at desc);
create unique index resident_sos_pending on resident_sos (link) where state = 'pending';

create table notice (
  id text primary key,
  area text not null,
  title text not null,
  text text not null,
  at bigint not null,
  until_at bigint not null,
  by_name text not null,
  withdrawn_at bigint
);
create index notice_area on notice (area text_pattern_ops, at desc);

create table notice_receipt (
  notice text not null references notice (id),
  area text not null,
  link bigint not null,
  at bigint not null,
  primary key (notice, area)
);
`;
