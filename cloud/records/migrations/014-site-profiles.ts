/** Profiles that only a gateway knows, or knows otherwise than our library: what the screens need of them, in the order it was written. */
export const sql = `
create table site_profile (
  gateway text not null,
  id text not null,
  shown json not null,
  primary key (gateway, id)
);
`;
