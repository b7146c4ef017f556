/** 认领: codes (single use, a quarter of an hour, kept as an HMAC), and the certificates that came of them. */
export const sql = `
create table claim (
  mac text primary key,
  gateway text not null,
  created_by text not null,
  created_at bigint not null,
  expires_at bigint not null,
  tries integer not null default 0,
  used_at bigint
);
create index claim_gateway on claim (gateway);

create table gateway_certificate (
  serial text primary key,
  gateway text not null,
  fingerprint text not null,
  issued_at bigint not null,
  not_after bigint not null,
  revoked_at bigint
);
create index gateway_certificate_gateway on gateway_certificate (gateway);
`;
