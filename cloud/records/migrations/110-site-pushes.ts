/** Sites pushed to gateways. The text of one is kept until it is answered, and then forgotten: it may hold passwords. */
export const sql = `
create table site_push (
  gateway text not null references gateway (id),
  version integer not null,
  sha256 text not null,
  base text not null,
  by text not null,
  by_name text not null,
  at bigint not null,
  expires_at bigint not null,
  state text not null default 'pending',
  state_at bigint not null,
  push text,
  signature text not null,
  reason jsonb,
  problems jsonb,
  problem_count integer,
  results jsonb,
  primary key (gateway, version)
);
create index site_push_pending on site_push (gateway) where state = 'pending';

create table gateway_site (
  gateway text primary key references gateway (id),
  sha256 text not null,
  version integer not null,
  at bigint not null
);
`;
