/** What is known of the messages to each person of a call, so that a turn counts what changed and not everybody. */
export const sql = `
alter table call add column told_at bigint;

create table call_told (
  nth bigint primary key,
  call text not null,
  best text not null
);
create index call_told_call on call_told (call);

-- Whose messages changed since the last turn; rows are only added, so that senders never wait for each other here.
create table call_news (
  id bigint primary key generated always as identity,
  call text not null,
  person text not null
);
create index call_news_call on call_news (call);

create function note_call_news() returns trigger language plpgsql as $$
begin
  insert into call_news (call, person) select distinct subject, who from fresh
    where source = 'call' and who_kind = 'person' and occasion in ('call', 'again');
  return null;
end $$;
create function note_call_change() returns trigger language plpgsql as $$
begin
  insert into call_news (call, person) select distinct n.subject, n.who from fresh n join was o on o.id = n.id
    where n.source = 'call' and n.who_kind = 'person' and n.occasion in ('call', 'again') and n.state <> o.state;
  return null;
end $$;
create trigger delivery_call_news after insert on delivery referencing new table as fresh
  for each statement execute function note_call_news();
create trigger delivery_call_change after update on delivery referencing old table as was new table as fresh
  for each statement execute function note_call_change();
`;
