/**
 * An alarm changes several times while it is open, and a device each time it speaks. A row that finds room in its page and has no
 * changed column in an index is written once, not once an index (heap-only tuples).
 */
export const sql = `
drop index alarm_last;
alter table alarm set (fillfactor = 70);
alter table device set (fillfactor = 80);
`;
