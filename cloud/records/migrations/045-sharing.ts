/** 数据共享: what is on offer, who asked for it and who said yes, every use of it; and the forms that ask people for data. */
export const sql = `
create table data_set (
  id text primary key,
  area text not null,
  name text not null,
  fields text[] not null,
  basis text not null,
  by text not null,
  at bigint not null,
  retired_at bigint,
  version integer not null default 1
);

create table share_request (
  id text primary key,
  data_set text not null references data_set (id),
  consumer text not null,
  purpose text not null,
  basis text not null,
  fields text[] not null,
  state text not null check (state in ('requested', 'approved', 'refused', 'ended')),
  requested_by text not null,
  requested_at bigint not null,
  decided_by text,
  decided_at bigint,
  reason text,
  until_at bigint,
  version integer not null default 1
);
create index share_request_set on share_request (data_set);

create table share_use (
  id bigint primary key generated always as identity,
  request text not null references share_request (id),
  by text not null,
  fields text[] not null,
  people integer not null,
  at bigint not null
);
create index share_use_request on share_use (request, id desc);

create table form (
  id text primary key,
  area text not null,
  name text not null,
  owner text not null,
  fields text[] not null,
  by text not null,
  at bigint not null,
  retired_at bigint
);
`;
