/**
 * 人房单位: rooms, organisations, people and who lives or works where. What names a person or reaches one (name, numbers,
 * birthday, contact) and what weakens one (needs) is sealed with a key that is not in the database; \`…_index\` and
 * \`name_tokens\` are keyed hashes for exact search. See docs/decisions on what is sealed and why.
 */
export const sql = `
create table sealing_key (
  id text primary key,
  proof bytea not null,
  made_at bigint not null
);

-- "幸福里 3栋2单元502": how people call a place; the names of community, building, stairwell and flat, whatever its grid.
create function area_label(wanted text) returns text language sql stable as $$
  select ltrim(coalesce(max(a.name) filter (where a.kind = 'community'), '') || ' '
    || coalesce(string_agg(a.name, '' order by length(a.path)) filter (where a.kind in ('building', 'unit', 'room')), ''))
  from area a where a.path = any (array(
    select array_to_string((string_to_array(wanted, '/'))[1:nth], '/')
    from generate_series(1, array_length(string_to_array(wanted, '/'), 1)) nth))
$$;
-- Houses are looked for by the end of their path: 3/2/502.
create index area_house on area (reverse(path) text_pattern_ops) where kind = 'room';

-- What is known of a house beside its place; a house without a row is one of which nothing is.
create table room (
  area text primary key,
  floor text,
  square_metres real,
  use text not null default 'unknown',
  version integer not null default 1
);

create table organisation (
  id text primary key,
  area text not null,
  name text not null,
  kind text not null,
  credit_code text,
  contact bytea,
  search text not null,
  closed_at bigint,
  created_at bigint not null,
  version integer not null default 1
);
create index organisation_below on organisation (area text_pattern_ops);
create index organisation_code on organisation (credit_code) where credit_code is not null;

create table person (
  id text primary key,
  name bytea not null,
  name_index bytea not null,
  name_tokens bigint[] not null,
  id_kind text,
  id_number bytea,
  id_index bytea,
  phone bytea,
  phone_index bytea,
  sex text,
  birth bytea,
  birth_year integer,
  contact bytea,
  needs bytea,
  has_needs boolean not null default false,
  test boolean not null default false,
  merged_into text,
  created_at bigint not null,
  updated_at bigint not null,
  version integer not null default 1
);
create index person_tokens on person using gin (name_tokens);
create index person_id_index on person (id_index) where id_index is not null;
create index person_phone_index on person (phone_index) where phone_index is not null;
create index person_needs on person (id) where has_needs;

create table occupancy (
  id text primary key,
  person text not null,
  area text not null,
  role text not null,
  organisation text,
  from_at bigint,
  until_at bigint,
  import text
);
create index occupancy_person on occupancy (person);
create index occupancy_below on occupancy (area text_pattern_ops);
create index occupancy_organisation on occupancy (organisation) where organisation is not null;

-- Where a person is looked for: each place of a current occupancy, or the last one where there is none.
create table person_seat (
  person text not null,
  area text not null,
  current boolean not null,
  primary key (person, area)
);
create index person_seat_below on person_seat (area text_pattern_ops);

create table person_tag (
  person text not null,
  tag text not null,
  primary key (person, tag)
);
create index person_tag_tag on person_tag (tag);

-- 来源: one row per act of collecting; the newest row that holds a field is where its value came from.
create table collected (
  id bigint primary key generated always as identity,
  subject text not null,
  fields text[] not null,
  again text[] not null default '{}',
  source text not null,
  basis text not null,
  form text,
  import text,
  by text not null,
  at bigint not null
);
create index collected_subject on collected (subject, id desc);
create index collected_again on collected (at) where again <> '{}';

-- What a person's fields were before a change, still sealed, so that an import or a merge can be taken back.
create table person_change (
  id bigint primary key generated always as identity,
  person text not null,
  kind text not null,
  fields text[] not null,
  before jsonb not null,
  cause text,
  by text not null,
  at bigint not null,
  version integer not null
);
create index person_change_person on person_change (person, id desc);
create index person_change_cause on person_change (cause) where cause is not null;

create table reveal (
  id text primary key,
  person text not null,
  fields text[] not null,
  why text not null,
  note bytea,
  incident text,
  by text not null,
  at bigint not null
);
create index reveal_by on reveal (by, at desc);
create index reveal_person on reveal (person, at desc);
`;
