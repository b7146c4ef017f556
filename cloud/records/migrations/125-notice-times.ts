/** 通知: from when homes are told, who took it back, and homes counted without looking at each. */
export const sql = `
alter table notice add column from_at bigint;
update notice set from_at = at;
alter table notice alter column from_at set not null;
alter table notice add column withdrawn_by_name text;
create index area_room on area (path text_pattern_ops) where kind = 'room';
create index notice_receipt_below on notice_receipt (notice, area text_pattern_ops);
create index household_link_below on household_link (area text_pattern_ops) where ended_at is null;
`;
