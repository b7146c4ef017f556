/** 合并: which two records became one, so that they can be two again; and pairs somebody said are two people. */
export const sql = `
create table person_merge (
  id text primary key,
  kept text not null,
  gone text not null,
  moved text[] not null,
  change bigint not null,
  by text not null,
  at bigint not null,
  undone_at bigint
);
create index person_merge_kept on person_merge (kept);
create index person_merged on person (merged_into) where merged_into is not null;

create table not_double (
  a text not null,
  b text not null,
  by text not null,
  at bigint not null,
  primary key (a, b)
);
`;
