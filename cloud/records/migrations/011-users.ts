/** People with accounts, what each may do where, and their sessions (by the hash of their token alone). */
export const sql = `
create table app_user (
  id text primary key,
  account text not null unique,
  name text not null,
  phone text,
  password_hash text not null,
  on_duty boolean not null default false,
  disabled_at bigint,
  created_at bigint not null,
  version integer not null default 1
);

create table app_grant (
  user_id text not null references app_user (id),
  area text not null,
  role text not null,
  primary key (user_id, area, role)
);

create table app_session (
  hash bytea primary key,
  user_id text not null references app_user (id),
  created_at bigint not null,
  used_at bigint not null,
  idle_ms bigint not null,
  expires_at bigint not null,
  ip text not null
);
create index app_session_user on app_session (user_id, created_at desc);
`;
