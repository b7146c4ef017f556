/** Heads counted at assembly points; the last count of a place is the one that holds. */
export const sql = `
create table call_point (
  id bigint primary key generated always as identity,
  call text not null references call (id),
  name text not null,
  counted integer not null,
  note text,
  by text not null,
  by_name text not null,
  at bigint not null
);
create index call_point_call on call_point (call, name, id desc);
`;
