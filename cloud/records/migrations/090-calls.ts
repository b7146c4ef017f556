/**
 * 一呼百应: templates, calls, whom they are for and what each of them said. Columns named \`area\` follow an area that moves.
 * Notes of residents stand as they were written; whoever is erased takes theirs along.
 */
export const sql = `
create table call_template (
  id text not null,
  version integer not null,
  name text not null,
  title text not null,
  text text not null,
  life_safety boolean not null,
  retired boolean not null default false,
  by text not null,
  at bigint not null,
  primary key (id, version)
);

create table call (
  id text primary key,
  number text not null unique,
  kind text not null,
  life_safety boolean not null,
  template text,
  template_version integer,
  title text not null,
  text text not null,
  audience jsonb not null,
  waits jsonb not null,
  -- The smallest area that holds everybody it is for.
  area text not null,
  state text not null,
  starts_at bigint,
  begun_at bigint,
  sent_at bigint,
  ended_at bigint,
  answer_until bigint,
  people integer not null default 0,
  households integer not null default 0,
  grids integer not null default 0,
  incident text,
  supersedes text,
  superseded_by text,
  author text not null,
  author_name text not null,
  submitter text,
  approver text,
  approver_name text,
  reason text,
  count jsonb not null,
  delivery jsonb not null,
  created_at bigint not null,
  updated_at bigint not null,
  version integer not null
);
create index call_created on call (created_at desc, id);
create index call_live on call (state) where state in ('scheduled', 'sending', 'sent');

-- One person of a frozen audience. The number is what stands in the link, with a signature.
create table call_recipient (
  nth bigint primary key generated always as identity,
  call text not null references call (id),
  person text not null,
  area text not null,
  vulnerable boolean not null,
  phone boolean not null,
  answer text not null default 'none',
  via text,
  by_kind text,
  by_name text,
  answered_at bigint,
  account text not null default 'open',
  reason text,
  -- Steps taken because of silence, and when the next is due.
  step smallint not null default 0,
  due_at bigint,
  -- Not yet in the roll-up.
  changed boolean not null default false,
  unique (call, person)
);
create index call_recipient_home on call_recipient (call, area text_pattern_ops);
create index call_recipient_due on call_recipient (due_at) where due_at is not null;
create index call_recipient_changed on call_recipient (call) where changed;
create index call_recipient_person on call_recipient (person, nth desc);

-- Every answer that was ever given; the last one counts and stands with the person.
create table call_answer (
  id bigint primary key generated always as identity,
  call text not null,
  person text not null,
  answer text not null,
  via text not null,
  by_kind text not null,
  by_id text,
  by_name text,
  people integer,
  note text,
  key text not null,
  at bigint not null,
  unique (call, person, key)
);
create index call_answer_person on call_answer (person);

-- A message of a call on its way into the queue, some hundreds of people at a time; \`after\` is the last one ordered.
create table call_wave (
  call text not null references call (id),
  occasion text not null,
  title text not null,
  text text not null,
  audience text not null,
  after bigint not null default 0,
  done boolean not null default false,
  primary key (call, occasion)
);
create index call_wave_open on call_wave (call) where not done;

create table call_line (
  call text not null references call (id),
  seq integer not null,
  at bigint not null,
  kind text not null,
  actor text,
  actor_name text,
  text jsonb not null,
  data text not null,
  hash text not null,
  primary key (call, seq)
);
create trigger call_line_append_only before update or delete on call_line for each row execute function refuse_change();
create trigger call_line_no_truncate before truncate on call_line for each statement execute function refuse_change();
`;
