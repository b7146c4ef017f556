/** Where the audit stood, signed: kept elsewhere it proves later that nothing was changed or cut off, not even by who owns the database. */
export const sql = `
create table audit_checkpoint (
  seq bigint primary key,
  hash text not null,
  at bigint not null,
  signature text not null
);
create trigger audit_checkpoint_append_only before update or delete on audit_checkpoint for each row execute function refuse_audit_change();
`;
