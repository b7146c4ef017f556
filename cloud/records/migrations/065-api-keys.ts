/** 接口密钥: found by their prefix, known by the hash of the rest. */
export const sql = `
create table api_key (
  id text primary key,
  name text not null,
  area text not null,
  scopes text[] not null,
  prefix text not null unique,
  hash bytea not null,
  made_by text not null,
  made_by_name text not null,
  made_at bigint not null,
  expires_at bigint not null,
  used_at bigint,
  used_ip text,
  revoked_at bigint,
  revoked_by_name text
);
`;
