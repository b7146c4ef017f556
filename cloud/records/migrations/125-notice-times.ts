/** 通知: from when homes are told, and who took it back. */
export const sql = `
alter table notice add column from_at bigint;
update notice set from_at = at;
alter table notice alter column from_at set not null;
alter table notice add column withdrawn_by_name text;
`;
