-- Schemas and resource types as data. The column counts the changes of an organization's resource
-- types: whoever has them in memory sees whether they are still the ones in force.
alter table organization add column schemas bigint not null default 0;

-- What was registered for one organization, and for the whole installation (a small global table).
create table definition (
  org bigint not null, name text collate "C" not null, doc text collate "C" not null, created bigint not null,
  primary key (org, name)
);
create table installation_definition (
  name text collate "C" primary key, doc text collate "C" not null, created bigint not null
);

-- Indexes that do not know every resource yet: they are written, and nobody looks there.
create table unready_index (
  org bigint not null, path bigint not null, primary key (org, path)
);

-- Resources of registered types. `kind` is a number of directory::kind.
create table custom (
  org bigint not null, no bigint not null, kind bigint not null, id text collate "C" not null,
  external_id text collate "C", connection bigint, version bigint not null, created bigint not null,
  modified bigint not null, doc text collate "C" not null, primary key (org, no)
);
create unique index custom_id on custom (org, id);
create index custom_kind on custom (org, kind, no);
create index custom_external on custom (org, kind, external_id) where external_id is not null;
create index custom_modified on custom (org, kind, modified, no);

-- What the planner is told about the tables before it can measure them: every row may be of one
-- organization, and a whole key names one row. Without this it believes that an organization is one
-- row in 200, and rather walks through all of it than look up a few keys. What is said of `org`
-- stays, whatever is measured later: the largest organization is the one that must not become slow.
alter table connection alter column org set (n_distinct = 1);
alter table token alter column org set (n_distinct = 1);
alter table usr alter column org set (n_distinct = 1);
alter table uattr alter column org set (n_distinct = 1);
alter table grp alter column org set (n_distinct = 1);
alter table member alter column org set (n_distinct = 1);
alter table pending alter column org set (n_distinct = 1);
alter table reap alter column org set (n_distinct = 1);
alter table tombstone alter column org set (n_distinct = 1);
alter table rank alter column org set (n_distinct = 1);
alter table event alter column org set (n_distinct = 1);
alter table definition alter column org set (n_distinct = 1);
alter table unready_index alter column org set (n_distinct = 1);
alter table custom alter column org set (n_distinct = 1);

-- Measured are rows that are thrown away at once, each with an organization of its own, so that
-- none counts as frequent; where there are real rows, those are measured.
do $$
begin
  if not exists (select 1 from organization) then
    insert into connection (org, no, id, provider, protocol, state, created)
      select n, n, n, '', '', '', 0 from generate_series(1, 200) as n;
    insert into token (org, no, connection, hash, created) select n, n, n, '', 0 from generate_series(1, 200) as n;
    insert into usr select n, n, n, n, n, n, 1, n, 1, n, n, n from generate_series(1, 200) as n;
    insert into uattr select n, n % 3, n, n from generate_series(1, 200) as n;
    insert into grp select n, n, n, n, n, n, n, n, n, 1, n, n, n from generate_series(1, 200) as n;
    insert into member select n, n, n, 0 from generate_series(1, 200) as n;
    insert into pending select n, n, n from generate_series(1, 200) as n;
    insert into reap select n, n from generate_series(1, 200) as n;
    insert into tombstone select n, n, n, n, n, n from generate_series(1, 200) as n;
    insert into rank select n, n % 2, n % 3, n, n from generate_series(1, 200) as n;
    insert into event select n, n, n, '', 0, n, '', '' from generate_series(1, 200) as n;
    insert into definition select n, n, '', 0 from generate_series(1, 200) as n;
    insert into unready_index select n, n from generate_series(1, 200) as n;
    insert into custom select n, n, n % 3, n, n, n, 1, n, n, '' from generate_series(1, 200) as n;
  end if;
  analyze connection, token, usr, uattr, grp, member, pending, reap, tombstone, rank, event, definition, unready_index, custom;
  if not exists (select 1 from organization) then
    truncate connection, token, usr, uattr, grp, member, pending, reap, tombstone, rank, event, definition, unready_index, custom;
  end if;
end
$$;
