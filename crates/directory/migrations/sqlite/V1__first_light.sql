-- Every key starts with the organization. Text compares bytewise; keys that fold case are made in
-- Rust. Times are microseconds since 1970-01-01T00:00:00Z. See ARCHITECTURE.md, "The store".

create table organization (
  org integer primary key, id text not null, slug text not null, name text not null,
  plan text, state integer not null, created integer not null,
  next_no integer not null, next_key integer not null, next_seq integer not null,
  users integer not null, groups integer not null,
  last_us integer not null, head blob not null
) strict;

-- The two global look-ups: small, and the only way to an organization from outside.
create table organization_slug (slug text primary key, org integer not null) strict, without rowid;
create table connection_home (id text primary key, org integer not null) strict, without rowid;

create table connection (
  org integer not null, no integer not null, id text not null, provider text not null,
  protocol text not null, state text not null, created integer not null,
  primary key (org, no)
) strict, without rowid;
create unique index connection_id on connection (org, id);

create table token (
  org integer not null, no integer not null, connection integer not null, hash blob not null,
  created integer not null, expires integer, last_used integer, revoked integer,
  primary key (org, no)
) strict, without rowid;

create table usr (
  org integer not null, no integer not null, id text not null, username text not null,
  username_key text not null, external_id text, active integer not null, connection integer,
  version integer not null, created integer not null, modified integer not null, doc text not null,
  primary key (org, no)
) strict;
create unique index usr_id on usr (org, id);
create unique index usr_username on usr (org, username_key);
create index usr_external on usr (org, external_id) where external_id is not null;
create index usr_modified on usr (org, modified, no);

-- One row per indexed value of a user; `path` is a number of directory::index.
create table uattr (
  org integer not null, path integer not null, key text not null, no integer not null,
  primary key (org, path, key, no)
) strict, without rowid;
create index uattr_no on uattr (org, no);

create table grp (
  org integer not null, no integer not null, id text not null, display text not null,
  display_key text not null, external_id text, mset integer not null,
  member_count integer not null, connection integer, version integer not null,
  created integer not null, modified integer not null, doc text not null,
  primary key (org, no)
) strict;
create unique index grp_id on grp (org, id);
create unique index grp_mset on grp (org, mset);
create unique index grp_display on grp (org, display_key);
create index grp_external on grp (org, external_id) where external_id is not null;
create index grp_modified on grp (org, modified, no);

-- One row per membership. `no` is a user (kind 0) or a group (kind 1).
create table member (
  org integer not null, mset integer not null, no integer not null, kind integer not null,
  primary key (org, mset, no)
) strict, without rowid;
create index member_no on member (org, no, mset);

-- Members that arrived before their user.
create table pending (
  org integer not null, mset integer not null, value text not null,
  primary key (org, mset, value)
) strict, without rowid;
create index pending_value on pending (org, value, mset);

-- Member sets that no group points to any more.
create table reap (org integer not null, mset integer not null, primary key (org, mset))
  strict, without rowid;

-- Deleted users, so that the same person coming back gets the same id.
create table tombstone (
  org integer not null, id text not null, username_key text not null, external_id text,
  connection integer, deleted integer not null, primary key (org, id)
) strict, without rowid;
create index tombstone_username on tombstone (org, username_key);
create index tombstone_external on tombstone (org, external_id) where external_id is not null;

-- Live rows per 128, 16,384 and 2,097,152 numbers.
create table rank (
  org integer not null, kind integer not null, lvl integer not null, blk integer not null,
  live integer not null, primary key (org, kind, lvl, blk)
) strict, without rowid;

create table event (
  org integer not null, seq integer not null, at integer not null, actor text not null,
  kind integer not null, target text not null, body text not null, hash blob not null,
  primary key (org, seq)
) strict;

-- What the planner is told about the tables, and never measures: many rows, many of them in one
-- organization, few behind a whole key. Without this it believes that an organization has ten
-- rows, and walks through all of it rather than use the index that begins with the same column.
-- (Table, index, rows, and how many share one, two ... columns of the index.)
analyze;
insert into sqlite_stat1 (tbl, idx, stat) values
  ('connection', 'connection', '1000 10 1'),
  ('connection', 'connection_id', '1000 10 1'),
  ('token', 'token', '1000 10 1'),
  ('usr', 'sqlite_autoindex_usr_1', '1000000 100000 1'),
  ('usr', 'usr_id', '1000000 100000 1'),
  ('usr', 'usr_username', '1000000 100000 1'),
  ('usr', 'usr_external', '1000000 100000 1'),
  ('usr', 'usr_modified', '1000000 100000 1 1'),
  ('uattr', 'uattr', '2000000 200000 100000 2 1'),
  ('uattr', 'uattr_no', '2000000 200000 2'),
  ('grp', 'sqlite_autoindex_grp_1', '100000 10000 1'),
  ('grp', 'grp_id', '100000 10000 1'),
  ('grp', 'grp_mset', '100000 10000 1'),
  ('grp', 'grp_display', '100000 10000 1'),
  ('grp', 'grp_external', '100000 10000 1'),
  ('grp', 'grp_modified', '100000 10000 1 1'),
  ('member', 'member', '10000000 1000000 1000 1'),
  ('member', 'member_no', '10000000 1000000 10 1'),
  ('pending', 'pending', '100000 10000 100 1'),
  ('pending', 'pending_value', '100000 10000 10 1'),
  ('reap', 'reap', '1000 10 1'),
  ('tombstone', 'tombstone', '1000000 100000 1'),
  ('tombstone', 'tombstone_username', '1000000 100000 1'),
  ('tombstone', 'tombstone_external', '1000000 100000 1'),
  ('rank', 'rank', '100000 10000 5000 2000 1'),
  ('event', 'sqlite_autoindex_event_1', '10000000 1000000 1');
analyze sqlite_schema;
