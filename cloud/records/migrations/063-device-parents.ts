/**
 * 上级设备: what a device hangs on, since when something hangs on a device that is down, and which one above it is. An alarm
 * says how many devices are unknown because of it.
 */
export const sql = `
alter table device add column parent text;
alter table device add column down_since bigint;
alter table device add column parent_down text;
create index device_parent on device (gateway, parent) where parent is not null;
alter table alarm add column children integer;
`;
