/**
 * 导入: a stranger's table as it came, row by row and sealed, until it is taken in or given up; and what became of each row,
 * which names nobody.
 */
export const sql = `
create table import (
  id text primary key,
  area text not null,
  state text not null check (state in ('reading', 'staged', 'checked', 'done', 'undone')),
  hash bytea not null,
  columns jsonb not null,
  plan jsonb,
  counts jsonb,
  row_count integer not null default 0,
  made_areas text[] not null default '{}',
  undone jsonb,
  by text not null,
  at bigint not null,
  done_at bigint,
  version integer not null default 1
);
create index import_at on import (at desc);
create index import_hash on import (hash);

create table import_row (
  import text not null references import (id) on delete cascade,
  number integer not null,
  cells bytea,
  outcome text,
  person text,
  issues jsonb,
  primary key (import, number)
);
`;
