/** Who was told what by which way, and what came of it; how staff can be reached; the monthly test of each channel. */
export const sql = `
create table contact (
  user_id text not null references app_user (id) on delete cascade,
  reach text not null,
  address text not null,
  label text not null default '',
  added_at bigint not null,
  primary key (user_id, reach, address)
);

create table delivery (
  id text primary key,
  -- What it is about: an incident, a call, a task, a channel's test, a webhook.
  source text not null,
  subject text not null,
  -- Who: a user, a person of the registry, or the channel's own target. Addresses are looked up when it is sent.
  who_kind text not null,
  who text not null,
  who_name text not null default '',
  area text not null,
  channel text not null,
  -- Steps of the ladder that are left, tried in turn when this one reaches nobody.
  rest jsonb not null default '[]',
  -- One message to one person at one occasion; a repeat of the same order changes nothing.
  occasion text not null,
  state text not null,
  life_safety boolean not null,
  priority smallint not null,
  message jsonb not null,
  attempts integer not null default 0,
  created_at bigint not null,
  due_at bigint not null,
  leased_until bigint,
  expires_at bigint not null,
  provider_id text,
  receipt_due_at bigint,
  sent_at bigint,
  delivered_at bigint,
  read_at bigint,
  failed_at bigint,
  code text,
  reason jsonb,
  constraint delivery_once unique (source, subject, who_kind, who, occasion, channel)
);
create index delivery_due on delivery (channel, priority, due_at) where state in ('queued', 'held');
create index delivery_leased on delivery (leased_until) where state = 'sending';
create index delivery_awaiting on delivery (receipt_due_at) where state = 'sent' and receipt_due_at is not null;
create index delivery_provider on delivery (channel, provider_id) where provider_id is not null;
create index delivery_subject on delivery (source, subject, created_at);
create index delivery_who on delivery (who_kind, who, sent_at desc) where sent_at is not null;
create index delivery_failed on delivery (failed_at desc) where state = 'failed';

create table channel_test (
  channel text not null,
  month text not null,
  delivery text not null,
  at bigint not null,
  primary key (channel, month)
);

-- Words that came back by the same way: an SMS with a digit, a key pressed in a call.
create table channel_reply (
  channel text not null,
  provider_id text not null,
  delivery text,
  who_kind text,
  who text,
  text text not null,
  at bigint not null,
  taken_at bigint,
  primary key (channel, provider_id)
);
create index channel_reply_open on channel_reply (at) where taken_at is null;
`;
