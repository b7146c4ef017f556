/** Doubles are found by walking an index, not by comparing everybody: the name's hash stands beside the house it lives in. */
export const sql = `
alter table person_seat add column name_index bytea;
update person_seat s set name_index = p.name_index from person p where p.id = s.person;
create index person_seat_name on person_seat (area, name_index) where current;
drop index person_id_index;
create index person_id_index on person (id_index, id) where id_index is not null and merged_into is null;
drop index person_phone_index;
create index person_phone_index on person (phone_index, id) where phone_index is not null and merged_into is null;
`;
