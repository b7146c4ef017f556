/** 能帮忙的邻居: how many of the safe can help, home by home, and who they are around a need. */
export const sql = `
alter table call_home add column volunteers integer not null default 0;
update call set count = '{"volunteers": 0}'::jsonb || count;
update call_count set count = '{"volunteers": 0}'::jsonb || count;
create index call_recipient_volunteer on call_recipient (call, area text_pattern_ops) where answer = 'volunteer';
`;
