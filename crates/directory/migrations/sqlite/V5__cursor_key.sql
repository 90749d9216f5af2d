-- The key under which cursors are sealed: one of the installation, made when it is needed first.
-- Whoever deletes the row and restarts the servers makes every cursor invalid.
create table cursor_key (no integer primary key, key blob not null) strict;

-- Resources that share an externalId are in the order of their numbers, so that a list can be walked
-- in the order of externalId.
drop index usr_external;
create index usr_external on usr (org, external_id, no) where external_id is not null;
drop index grp_external;
create index grp_external on grp (org, external_id, no) where external_id is not null;
drop index custom_external;
create index custom_external on custom (org, kind, external_id, no) where external_id is not null;
insert into sqlite_stat1 (tbl, idx, stat) values
  ('usr', 'usr_external', '1000000 100000 1 1'),
  ('grp', 'grp_external', '100000 10000 1 1'),
  ('custom', 'custom_external', '100000 10000 1000 1 1');
analyze sqlite_schema;
