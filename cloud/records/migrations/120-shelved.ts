/** How long an alarm was shelved in all, so that again and again comes to an end. */
export const sql = `
alter table alarm add column shelved jsonb;
`;
