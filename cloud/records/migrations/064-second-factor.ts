/** 第二因素: sealed secrets of one-time passwords, recovery codes as hashes, and how far a session is signed in. */
export const sql = `
create table second_factor (
  user_id text primary key references app_user (id) on delete cascade,
  secret bytea,
  confirmed_at bigint,
  pending bytea,
  pending_at bigint,
  last_step bigint not null default 0,
  failures integer not null default 0,
  locked_until bigint
);
create table recovery_code (
  user_id text not null references second_factor (user_id) on delete cascade,
  hash bytea not null,
  used_at bigint,
  primary key (user_id, hash)
);
alter table app_session add column stage text not null default 'full' check (stage in ('full', 'code', 'enrol'));
`;
