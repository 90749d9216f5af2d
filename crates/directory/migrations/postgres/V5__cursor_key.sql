-- The key under which cursors are sealed: one of the installation, made when it is needed first.
-- Whoever deletes the row and restarts the servers makes every cursor invalid.
create table cursor_key (no bigint primary key, key bytea not null);

-- Resources that share an externalId are in the order of their numbers, so that a list can be walked
-- in the order of externalId.
drop index usr_external;
create index usr_external on usr (org, external_id, no) where external_id is not null;
drop index grp_external;
create index grp_external on grp (org, external_id, no) where external_id is not null;
drop index custom_external;
create index custom_external on custom (org, kind, external_id, no) where external_id is not null;
