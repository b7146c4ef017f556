/**
 * 网格: order and outline of areas, where an area that was moved is found now, and who holds a post on an area. Every
 * column named \`area\` in this schema holds the path of an area and follows it when it moves; the audit alone says what was.
 */
export const sql = `
alter table area add column position integer not null default 0;
alter table area add column version integer not null default 1;
alter table area add column shape jsonb;
create index area_below on area (path text_pattern_ops);

create table area_moved (
  was text primary key,
  path text not null,
  at bigint not null
);

create table area_post (
  id text primary key,
  area text not null,
  post text not null,
  name text not null,
  phone text,
  photo bytea,
  user_id text,
  from_at bigint not null,
  until_at bigint,
  version integer not null default 1
);
create index area_post_area on area_post (area text_pattern_ops);
`;
