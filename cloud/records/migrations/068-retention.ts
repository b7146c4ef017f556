/**
 * 保存期限: what was forgotten and when; the figures of a call whose people are forgotten; and where the chain of a story stood
 * when it was. A story's lines are deleted with its seal or not at all: a chain with holes proves nothing.
 */
export const sql = `
create table retention_day (
  kind text not null,
  day text not null,
  rows bigint not null,
  before_at bigint not null,
  last_at bigint not null,
  primary key (kind, day)
);

-- Calls are made by a later migration, so that this one cannot refer to them.
create table call_thinned (
  call text primary key,
  figures jsonb not null,
  at bigint not null
);

create table timeline_seal (
  incident text primary key references incident (id),
  lines integer not null,
  hash text not null,
  first_at bigint not null,
  last_at bigint not null,
  sealed_at bigint not null
);

create function refuse_timeline_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and exists (select 1 from timeline_seal s where s.incident = old.incident and old.seq <= s.lines) then
    return old;
  end if;
  raise exception '% is append-only', tg_table_name;
end $$;
drop trigger timeline_append_only on timeline;
create trigger timeline_append_only before update or delete on timeline for each row execute function refuse_timeline_change();

create index incident_over on incident (updated_at) where not open;
create index device_event_received on device_event using brin (received_at);
create index delivery_created on delivery (created_at);
create index channel_reply_at on channel_reply (at);
`;
