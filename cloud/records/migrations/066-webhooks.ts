/**
 * 事件推送: who subscribed to what, and what is still to be said to them. What happened is found by comparing each event of the
 * stream with what was last seen of its object; the cursor moves in the same commit.
 */
export const sql = `
create table webhook (
  id text primary key,
  name text not null,
  area text not null,
  url text not null,
  kinds text[] not null,
  secret bytea not null,
  made_by text not null,
  made_by_name text not null,
  made_at bigint not null,
  leased_until bigint not null default 0,
  dropped bigint not null default 0,
  last_sent_at bigint,
  failing_since bigint
);
create table webhook_event (
  id bigint primary key generated always as identity,
  webhook text not null references webhook (id) on delete cascade,
  event text not null,
  kind text not null,
  at bigint not null,
  body jsonb not null,
  state text not null default 'queued' check (state in ('queued', 'sent', 'dead')),
  attempts integer not null default 0,
  due_at bigint not null,
  expires_at bigint not null,
  code text,
  reason jsonb,
  settled_at bigint,
  unique (webhook, event)
);
create index webhook_event_queue on webhook_event (webhook, id) where state = 'queued';
create index webhook_event_dead on webhook_event (webhook, id) where state = 'dead';
create index webhook_event_settled on webhook_event (settled_at) where state <> 'queued';
create table webhook_cursor (
  one boolean primary key default true check (one),
  last bigint not null,
  -- False while nobody subscribes: then nothing is compared and the cursor stands at the head.
  running boolean not null default false
);
insert into webhook_cursor (last) values (0);
create table webhook_seen (
  object text primary key,
  state text not null,
  at bigint not null
);
`;
