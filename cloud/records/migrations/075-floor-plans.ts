/**
 * 平面图 and what is placed on them. The picture lies apart from what lists read. Columns named `area` follow when grids are cut
 * anew (area-moves.ts).
 */
export const sql = `
create table floor_plan (
  id text primary key,
  area text not null,
  floor text not null default '',
  name text not null,
  width integer not null,
  height integer not null,
  picture text,
  at bigint not null,
  by_name text not null,
  version integer not null default 1,
  unique (area, floor)
);

create table floor_plan_picture (
  plan text primary key references floor_plan (id) on delete cascade,
  type text not null,
  picture bytea not null
);
alter table floor_plan_picture alter column picture set storage external;

create table floor_plan_item (
  plan text not null references floor_plan (id) on delete cascade,
  nth integer not null,
  kind text not null,
  area text,
  gateway text,
  device text,
  item jsonb not null,
  primary key (plan, nth)
);
create index floor_plan_item_device on floor_plan_item (gateway, device) where device is not null;
create index floor_plan_item_area on floor_plan_item (area) where area is not null;
`;
