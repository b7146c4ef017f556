/** 推送订阅: a receiver that is paused is sent nothing; what happens meanwhile waits for it. */
export const sql = `
alter table webhook add column paused_at bigint;
alter table webhook add column paused_by_name text;
`;
