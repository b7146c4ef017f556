/** The sweep accounts for itself: every run, what it did, how late; and the beat that stops when it cannot. */
export const sql = `
-- Idle runs of one worker that follow each other are one row with their number.
create table sweep_run (
  id bigint primary key generated always as identity,
  worker text not null,
  from_at bigint not null,
  to_at bigint not null,
  runs integer not null,
  done integer not null,
  late_ms bigint not null,
  error text
);
create index sweep_run_at on sweep_run (to_at desc);
create table sweep_beat (
  worker text primary key,
  at bigint not null
);
`;
