/** 审计: who did what, and who was refused; a chain of hashes that nothing updates or deletes. */
export const sql = `
create table audit (
  seq bigint primary key,
  at bigint not null,
  actor text,
  account text,
  role text,
  area text,
  action text not null,
  object text not null,
  result text not null,
  ip text not null,
  detail text not null,
  prev_hash text not null,
  hash text not null
);
create index audit_actor on audit (actor, seq desc);
create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'audit is append-only';
end $$;
create trigger audit_append_only before update or delete on audit for each row execute function refuse_audit_change();
create trigger audit_no_truncate before truncate on audit for each statement execute function refuse_audit_change();
`;
