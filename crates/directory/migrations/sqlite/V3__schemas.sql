-- Schemas and resource types as data. The column counts the changes of an organization's resource
-- types: whoever has them in memory sees whether they are still the ones in force.
alter table organization add column schemas integer not null default 0;

-- What was registered for one organization, and for the whole installation (a small global table).
create table definition (
  org integer not null, name text not null, doc text not null, created integer not null,
  primary key (org, name)
) strict, without rowid;
create table installation_definition (
  name text primary key, doc text not null, created integer not null
) strict, without rowid;

-- Indexes that do not know every resource yet: they are written, and nobody looks there.
create table unready_index (
  org integer not null, path integer not null, primary key (org, path)
) strict, without rowid;

-- Resources of registered types. `kind` is a number of directory::kind.
create table custom (
  org integer not null, no integer not null, kind integer not null, id text not null,
  external_id text, connection integer, version integer not null, created integer not null,
  modified integer not null, doc text not null, primary key (org, no)
) strict;
create unique index custom_id on custom (org, id);
create index custom_kind on custom (org, kind, no);
create index custom_external on custom (org, kind, external_id) where external_id is not null;
create index custom_modified on custom (org, kind, modified, no);

insert into sqlite_stat1 (tbl, idx, stat) values
  ('definition', 'definition', '1000 10 1'),
  ('unready_index', 'unready_index', '1000 10 1'),
  ('custom', 'sqlite_autoindex_custom_1', '100000 10000 1'),
  ('custom', 'custom_id', '100000 10000 1'),
  ('custom', 'custom_kind', '100000 10000 1000 1'),
  ('custom', 'custom_external', '100000 10000 1000 1'),
  ('custom', 'custom_modified', '100000 10000 1000 1 1');
analyze sqlite_schema;
