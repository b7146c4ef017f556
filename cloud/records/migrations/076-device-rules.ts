/**
 * The limits a device runs with, as its gateway tells them; and limits that were pushed (by the version of the push), with what
 * held before.
 */
export const sql = `
alter table device add column rules jsonb;

create table site_push_rules (
  gateway text not null references gateway (id),
  version integer not null,
  edits jsonb not null,
  primary key (gateway, version)
);
`;
