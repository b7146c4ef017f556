/**
 * 预警信息 by the Common Alerting Protocol: every message that came in or went out, and the codes others know our areas by.
 * The document is kept byte for byte, so that what was sent can be shown.
 */
export const sql = `
create table cap_message (
  id bigint primary key generated always as identity,
  direction text not null check (direction in ('in', 'out')),
  sender text not null,
  identifier text not null,
  sent text not null,
  sent_at bigint not null,
  status text not null,
  msg_type text not null,
  headline text not null,
  -- The message that began the story; updates and the cancel carry on from it.
  thread text not null,
  effect text not null,
  areas text[] not null,
  -- out: the incident and its version; in: who posted it.
  incident text references incident (id),
  version bigint,
  by text,
  expires_at bigint,
  at bigint not null,
  hash text not null,
  document text not null
);
create unique index cap_message_once on cap_message (direction, sender, identifier);
create index cap_message_thread on cap_message (thread, id);
create index cap_message_incident on cap_message (incident, id) where incident is not null;
create index cap_message_at on cap_message (at desc);

create table area_geocode (
  area text not null,
  scheme text not null,
  code text not null,
  primary key (scheme, code)
);
create index area_geocode_area on area_geocode (area text_pattern_ops);
`;
