-- Every key starts with the organization. Text compares bytewise; keys that fold case are made in
-- Rust. Times are microseconds since 1970-01-01T00:00:00Z. See ARCHITECTURE.md, "The store".

create table organization (
  org bigint primary key, id text collate "C" not null, slug text collate "C" not null, name text collate "C" not null,
  plan text collate "C", state bigint not null, created bigint not null,
  next_no bigint not null, next_key bigint not null, next_seq bigint not null,
  users bigint not null, groups bigint not null,
  last_us bigint not null, head bytea not null
);

-- The two global look-ups: small, and the only way to an organization from outside.
create table organization_slug (slug text collate "C" primary key, org bigint not null);
create table connection_home (id text collate "C" primary key, org bigint not null);

create table connection (
  org bigint not null, no bigint not null, id text collate "C" not null, provider text collate "C" not null,
  protocol text collate "C" not null, state text collate "C" not null, created bigint not null,
  primary key (org, no)
);
create unique index connection_id on connection (org, id);

create table token (
  org bigint not null, no bigint not null, connection bigint not null, hash bytea not null,
  created bigint not null, expires bigint, last_used bigint, revoked bigint,
  primary key (org, no)
);

create table usr (
  org bigint not null, no bigint not null, id text collate "C" not null, username text collate "C" not null,
  username_key text collate "C" not null, external_id text collate "C", active bigint not null, connection bigint,
  version bigint not null, created bigint not null, modified bigint not null, doc text collate "C" not null,
  primary key (org, no)
);
create unique index usr_id on usr (org, id);
create unique index usr_username on usr (org, username_key);
create index usr_external on usr (org, external_id) where external_id is not null;
create index usr_modified on usr (org, modified, no);

-- One row per indexed value of a user; `path` is a number of directory::index.
create table uattr (
  org bigint not null, path bigint not null, key text collate "C" not null, no bigint not null,
  primary key (org, path, key, no)
);
create index uattr_no on uattr (org, no);

create table grp (
  org bigint not null, no bigint not null, id text collate "C" not null, display text collate "C" not null,
  display_key text collate "C" not null, external_id text collate "C", mset bigint not null,
  member_count bigint not null, connection bigint, version bigint not null,
  created bigint not null, modified bigint not null, doc text collate "C" not null,
  primary key (org, no)
);
create unique index grp_id on grp (org, id);
create unique index grp_mset on grp (org, mset);
create unique index grp_display on grp (org, display_key);
create index grp_external on grp (org, external_id) where external_id is not null;
create index grp_modified on grp (org, modified, no);

-- One row per membership. `no` is a user (kind 0) or a group (kind 1).
create table member (
  org bigint not null, mset bigint not null, no bigint not null, kind bigint not null,
  primary key (org, mset, no)
);
create index member_no on member (org, no, mset);

-- Members that arrived before their user.
create table pending (
  org bigint not null, mset bigint not null, value text collate "C" not null,
  primary key (org, mset, value)
);
create index pending_value on pending (org, value, mset);

-- Member sets that no group points to any more.
create table reap (org bigint not null, mset bigint not null, primary key (org, mset));

-- Deleted users, so that the same person coming back gets the same id.
create table tombstone (
  org bigint not null, id text collate "C" not null, username_key text collate "C" not null, external_id text collate "C",
  connection bigint, deleted bigint not null, primary key (org, id)
);
create index tombstone_username on tombstone (org, username_key);
create index tombstone_external on tombstone (org, external_id) where external_id is not null;

-- Live rows per 128, 16,384 and 2,097,152 numbers.
create table rank (
  org bigint not null, kind bigint not null, lvl bigint not null, blk bigint not null,
  live bigint not null, primary key (org, kind, lvl, blk)
);

create table event (
  org bigint not null, seq bigint not null, at bigint not null, actor text collate "C" not null,
  kind bigint not null, target text collate "C" not null, body text collate "C" not null, hash bytea not null,
  primary key (org, seq)
);
