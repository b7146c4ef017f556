/**
 * 现场照片: what whoever was sent, or a resident, took a picture of. Lists never touch the bytes: they lie outside of the row.
 * `by_kind` user: somebody of the staff; home: a household, by its link.
 */
export const sql = `
create table photo (
  id text primary key,
  about_kind text not null check (about_kind in ('task', 'report')),
  about text not null,
  area text not null,
  by_kind text not null check (by_kind in ('user', 'home')),
  by_id text not null,
  by_name text not null,
  taken_at bigint,
  at bigint not null,
  bytes integer not null,
  sha256 text not null,
  picture bytea not null
);
alter table photo alter column picture set storage external;
create index photo_about on photo (about_kind, about, at);
create index photo_at on photo (at);
`;
