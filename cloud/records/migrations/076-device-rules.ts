/** The limits a device runs with, as its gateway tells them; and limits that were pushed, with what held before. */
export const sql = `
alter table device add column rules jsonb;
alter table site_push add column rules jsonb;
`;
