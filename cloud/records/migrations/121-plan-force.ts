/** Whom the plan of an incident asks for, as the plan was when the incident began; null where it began before this was kept. */
export const sql = `
alter table incident add column force jsonb;
`;
