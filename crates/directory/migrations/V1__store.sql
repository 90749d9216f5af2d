-- Every key starts with the organization. Text compares bytewise; keys that fold case are made in
-- Rust. Times are microseconds since 1970-01-01T00:00:00Z. ARCHITECTURE.md, "The store", says what
-- each table is for; `directory::store::tables` registers them. The text is SQLite's;
-- `directory::db::migrate` says how PostgreSQL reads it.

-- ---------------------------------------------------------------- the installation

-- One row: the chain of the installation's audit, and the rule by which the keys of the store were
-- folded (`scim::fold`).
create table installation (
  no integer primary key, audit_seq integer not null, audit_head blob not null, folding text not null
) strict;

-- What operators decided for the whole installation, such as the public URL.
create table installation_setting (name text primary key, value text not null) strict, without rowid;

-- Keys that all nodes share. Deleting a row makes what was sealed under it invalid.
create table installation_key (name text primary key, key blob not null) strict, without rowid;

-- The keys that sign ID tokens and logout tokens: PKCS #8, sealed under the key `keys`; `id` is the
-- thumbprint.
create table signing_key (
  id text primary key, algorithm text not null, sealed text not null, created integer not null
) strict, without rowid;

-- The key that signs where chains end (Ed25519): its seed, sealed under the key `keys`.
create table audit_key (
  id text primary key, public blob not null, sealed text not null, created integer not null
) strict, without rowid;

-- What an organization may use that has this plan. `features` are names with blanks between them.
create table plan (name text primary key, features text not null) strict, without rowid;

-- Schemas and resource types for every organization.
create table installation_definition (
  name text primary key, doc text not null, created integer not null
) strict, without rowid;

-- The look-ups from outside: the only ways to an organization.
create table organization_slug (slug text primary key, org integer not null) strict, without rowid;
create table connection_home (
  id text primary key, org integer not null
) strict, without rowid;
create unique index connection_home_org on connection_home (org, id);
-- Which organization has a domain, once it is verified there.
create table domain_home (name text primary key, org integer not null) strict, without rowid;
create unique index domain_home_org on domain_home (org, name);
-- Which organizations have a break-glass account for an address.
create table break_glass_home (
  email text not null, org integer not null, primary key (email, org)
) strict, without rowid;
create unique index break_glass_home_org on break_glass_home (org, email);
create table organization_home (
  id text primary key, org integer not null
) strict, without rowid;
create unique index organization_home_org on organization_home (org, id);

-- ---------------------------------------------------------------- an organization

-- What people decided about an organization. `state`: 0 being made, 1 in use, 2 deleted.
create table organization (
  org integer primary key, id text not null, slug text not null, name text not null, plan text,
  admin_guard integer, state integer not null, created integer not null
) strict;

-- What is counted, and the heads of its two chains; `fed` is the newest event that has a place in the
-- feed; `event_pruned` the newest that is not kept any more, `event_anchor` its hash;
-- the sums are those of `directory::checksum`. Its row is the lock of an organization: changes
-- queue up there, and it is written once for a batch of them.
create table organization_counter (
  org integer primary key, next_no integer not null, next_connection integer not null,
  next_token integer not null, next_role integer not null, users integer not null,
  groups integer not null, admin_grants integer not null, last_us integer not null,
  schemas integer not null, event_seq integer not null, event_head blob not null,
  audit_seq integer not null, audit_head blob not null, fed integer not null,
  event_pruned integer not null, event_anchor blob not null, user_sum blob not null,
  group_sum blob not null, member_sum blob not null
) strict;

create table add_on (org integer not null, feature text not null, primary key (org, feature)) strict, without rowid;

create table connection (
  org integer not null, no integer not null, id text not null, name text, provider text not null,
  protocol text not null, profile text, state text not null, created integer not null,
  switched_off integer, app text, ipsie integer not null default 0, primary key (org, no)
) strict, without rowid;
create unique index connection_id on connection (org, id);

create table token (
  org integer not null, no integer not null, connection integer not null, hash blob not null,
  ending text not null, by text not null, created integer not null, expires integer,
  last_used integer, revoked integer, primary key (org, no)
) strict, without rowid;

-- What is wrong with the way in which a connection is called: one row for each kind, however often.
create table credential_trouble (
  org integer not null, connection integer not null, kind text not null, first integer not null,
  last integer not null, times integer not null, ending text, path text,
  primary key (org, connection, kind)
) strict, without rowid;

-- The mass-removal guard of each connection (`directory::removal`). `managed` counts the active people
-- whom the connection manages; `hold` numbers the times in which removals were held, `since` is when the
-- one began that is now, and `held` counts what is held in it and not decided.
create table removal_guard (
  org integer not null, connection integer not null, is_on integer not null, people integer not null,
  percent integer not null, minutes integer not null, managed integer not null, hold integer not null,
  since integer, held integer not null, primary key (org, connection)
) strict, without rowid;

-- How many people were taken away, by steps of the guard's window; `gone` of them were active.
create table removal_window (
  org integer not null, connection integer not null, at integer not null, people integer not null,
  gone integer not null, primary key (org, connection, at)
) strict, without rowid;

-- What was decided about all that was held in one such time.
create table removal_hold (
  org integer not null, connection integer not null, hold integer not null, decision text not null,
  ended integer not null, primary key (org, connection, hold)
) strict, without rowid;

-- Removals that were held: of a user or of members of a group (`no`), with what was decided about this one
-- alone.
create table held_removal (
  org integer not null, connection integer not null, no integer not null, hold integer not null,
  act text not null, people integer not null, first integer not null, last integer not null,
  attempts integer not null, decision text, decided integer, primary key (org, connection, no)
) strict, without rowid;
create index held_removal_hold on held_removal (org, connection, hold, no);

-- Links by which someone without an account sets up a connection, or one that is there. `hash` is that
-- of the secret in the link, `browser` that of the cookie of the one browser that started.
create table setup_link (
  org integer not null, id text not null, hash blob not null, browser blob, connection integer,
  sender text not null, created integer not null, expires integer not null, started integer,
  revoked integer, primary key (org, id)
) strict, without rowid;

-- Domains of e-mail addresses. `proof` is why it counts as the organization's own: dns, operator.
create table domain (
  org integer not null, name text not null, challenge text not null, created integer not null,
  verified integer, proof text, primary key (org, name)
) strict, without rowid;

-- What programs of an organization show; those of organization 0 are the installation's.
create table api_key (
  org integer not null, no integer not null, name text not null, scope text not null, hash blob not null,
  created integer not null, expires integer, last_used integer, revoked integer, primary key (org, no)
) strict, without rowid;

create table schema_definition (
  org integer not null, name text not null, doc text not null, created integer not null,
  primary key (org, name)
) strict, without rowid;

-- Indexes that do not know every resource yet: they are written, and not read.
create table unready_index (org integer not null, path integer not null, primary key (org, path)) strict, without rowid;

-- ---------------------------------------------------------------- people, groups, other resources

-- Users (kind 0), groups (kind 1) and resources of registered types (`directory::resource::Kind`).
-- `name` is the userName or displayName, `name_key` the same folded. `active` is of users only,
-- `member_set` and `member_count` of groups only. `connection` manages the resource, if any does.
create table resource (
  org integer not null, kind integer not null, no integer not null, id text not null, name text,
  name_key text, external_id text, active integer, member_set integer, member_count integer, member_sum blob,
  connection integer,  version integer not null, created integer not null, modified integer not null, doc text not null,
  primary key (org, kind, no)
) strict;
create unique index resource_id on resource (org, kind, id);
create unique index resource_name on resource (org, kind, name_key) where name_key is not null;
create index resource_external on resource (org, kind, external_id, no) where external_id is not null;
create index resource_modified on resource (org, kind, modified, no);
create index resource_active on resource (org, active, no) where active is not null;
create unique index resource_members on resource (org, member_set) where member_set is not null;

-- One row for each indexed value of a resource; `path` is a number of `directory::resource::index`.
create table attribute_index (
  org integer not null, path integer not null, key text not null, no integer not null,
  primary key (org, path, key, no)
) strict, without rowid;
create index attribute_index_no on attribute_index (org, no);

-- One row for each membership. `no` is a user (kind 0) or a group (kind 1).
create table member (
  org integer not null, member_set integer not null, no integer not null, kind integer not null,
  primary key (org, member_set, no)
) strict, without rowid;
create index member_no on member (org, no, member_set);

-- Members that a group named and that are not here yet; `since` it did.
create table pending_member (
  org integer not null, member_set integer not null, value text not null, since integer not null,
  primary key (org, member_set, value)
) strict, without rowid;
create index pending_member_value on pending_member (org, value, member_set);
create index pending_member_since on pending_member (org, since);

-- Member sets that no group points to any more.
create table retired_member_set (
  org integer not null, member_set integer not null, primary key (org, member_set)
) strict, without rowid;

-- Member sets that a large change fills in pieces, and that no group points to yet. `touched` is the
-- time of the last piece; no event before `first_event` tells of it.
create table staged_member_set (
  org integer not null, member_set integer not null, members integer not null, member_sum blob not null,
  touched integer not null, first_event integer not null, primary key (org, member_set)
) strict, without rowid;

-- Deleted users, so that the same person coming back gets the same id.
create table tombstone (
  org integer not null, id text not null, external_id text, connection integer, deleted integer not null,
  primary key (org, id)
) strict, without rowid;
create index tombstone_external on tombstone (org, connection, external_id)
  where external_id is not null;

-- Live rows per 128, 16,384 and 2,097,152 numbers.
create table rank_block (
  org integer not null, kind integer not null, level integer not null, block integer not null,
  live integer not null, primary key (org, kind, level, block)
) strict, without rowid;

-- ---------------------------------------------------------------- roles

-- Roles that the organization made; the built-in ones have fixed numbers and no row.
create table role (
  org integer not null, no integer not null, name text not null, description text not null,
  created integer not null, primary key (org, no)
) strict, without rowid;
create unique index role_name on role (org, name);

-- Roles that were given to a user itself.
create table role_assignment (
  org integer not null, role integer not null, no integer not null, created integer not null,
  primary key (org, role, no)
) strict, without rowid;
create index role_assignment_no on role_assignment (org, no, role);

-- Roles that the members of a group have; `no` is the group.
create table role_mapping (
  org integer not null, role integer not null, no integer not null, created integer not null,
  primary key (org, role, no)
) strict, without rowid;
create index role_mapping_no on role_mapping (org, no, role);

-- ---------------------------------------------------------------- sign-in

-- How people sign in through a connection by SAML; a connection without a row has no sign-in.
create table saml_connection (
  org integer not null, connection integer not null, state text not null, entity_id text, sso_url text,
  binding text, signed text not null, unsolicited integer not null,
  name_id text not null, create_users integer not null, tested integer,
  primary key (org, connection)
) strict, without rowid;

-- The provider's certificates. A pending one (`trusted` 0) was seen in metadata and verifies nothing.
create table saml_certificate (
  org integer not null, connection integer not null, sha256 blob not null, der blob not null,
  not_after integer not null, added integer not null, trusted integer not null, last_used integer,
  primary key (org, connection, sha256)
) strict, without rowid;

-- Where the metadata of a provider is read again: `due` is when, `read` when it last was.
create table saml_metadata (
  org integer not null, connection integer not null, url text not null, due integer not null,
  read integer, failure text, primary key (org, connection)
) strict, without rowid;
create index saml_metadata_due on saml_metadata (due, org, connection);

-- The key that signs our requests to a provider: PKCS #8, sealed under the key `keys`.
create table saml_request_key (
  org integer not null, connection integer not null, sealed text not null, certificate blob not null,
  created integer not null, primary key (org, connection)
) strict, without rowid;

-- Sign-ins that were begun: what the provider was asked. `handle` is the hash of the RelayState,
-- `browser` that of a cookie.
create table sign_in_request (
  org integer not null, handle blob not null, connection integer not null, request text not null,
  browser blob not null, return_to text not null, expires integer not null, primary key (org, handle)
) strict, without rowid;
create index sign_in_request_expires on sign_in_request (org, expires, handle);

-- What a provider answered, until its browser comes for it, once. `handle` is a hash, too.
create table sign_in_answer (
  org integer not null, handle blob not null, connection integer not null, browser blob,
  return_to text not null, assertion text not null, expires integer not null, primary key (org, handle)
) strict, without rowid;
create index sign_in_answer_expires on sign_in_answer (org, expires, handle);

-- Assertions that were taken, until they are too old to be shown again.
create table taken_assertion (
  org integer not null, connection integer not null, id text not null, expires integer not null,
  primary key (org, connection, id)
) strict, without rowid;
create index taken_assertion_expires on taken_assertion (org, expires, connection, id);

-- Through which connection, under which NameID, a user signed in who is managed by none.
create table saml_account (
  org integer not null, connection integer not null, name_id text not null, no integer not null,
  created integer not null, primary key (org, connection, name_id)
) strict, without rowid;
create index saml_account_no on saml_account (org, no, connection, name_id);

-- People who are signed in. `no` is the user; `hash` that of the secret in the cookie.
create table session (
  org integer not null, id text not null, hash blob not null, no integer not null, connection integer,
  created integer not null, seen integer not null, expires integer not null, doc text not null,
  primary key (org, id)
) strict, without rowid;
create index session_no on session (org, no, id);
create index session_connection on session (org, connection, id);
create index session_expires on session (org, expires, id);

-- Administrators who come in without the provider. `no` is the user; `link` is the hash of the link
-- by which a password is set; `totp_step` the last step of which a code was used; `recovery` and
-- `devices` are hashes with blanks between them.
create table break_glass (
  org integer not null, no integer not null, email text not null, link blob, link_expires integer,
  totp_key blob not null, totp_step integer not null, password blob, recovery text not null,
  devices text not null, created integer not null, enrolled integer, last_used integer,
  primary key (org, no)
) strict, without rowid;

-- ---------------------------------------------------------------- OAuth

-- Programs that ask for tokens; those of organization 0 are the installation's. `connection` is of machines
-- for SCIM.
create table oauth_client (
  org integer not null, id text not null, kind text not null, name text not null, connection integer,
  created integer not null, doc text not null, primary key (org, id)
) strict, without rowid;

-- Their secrets, by hash: several while one is replaced.
create table oauth_client_secret (
  org integer not null, client text not null, no integer not null, hash blob not null,
  created integer not null, expires integer, primary key (org, client, no)
) strict, without rowid;

-- What a client was granted, by whom: a person (`no`, and the `session` it is signed in with) to an
-- application, an organization to a provider for a `connection`, or Doorward to a machine. `ended`: it is
-- revoked. `logout_due`: its application is to be told then that the session is over.
create table oauth_grant (
  org integer not null, id text not null, client text not null, connection integer, no integer,
  session text, created integer not null, expires integer not null, ended integer, logout_uri text,
  logout_due integer, doc text not null, primary key (org, id)
) strict, without rowid;
create index oauth_grant_client on oauth_grant (org, client, id);
create index oauth_grant_no on oauth_grant (org, no, id) where no is not null;
create index oauth_grant_session on oauth_grant (org, session, id) where session is not null;
create index oauth_grant_expires on oauth_grant (org, expires, id);
create index oauth_grant_logout_due on oauth_grant (logout_due, org, id) where logout_due is not null;

-- Codes, access tokens and refresh tokens, by hash. `used`: a code was exchanged, a refresh token replaced.
create table oauth_token (
  org integer not null, hash blob not null, grant_id text not null, purpose text not null,
  created integer not null, expires integer not null, used integer, doc text not null,
  primary key (org, hash)
) strict, without rowid;
create index oauth_token_expires on oauth_token (org, expires, hash);

-- Signed tokens that were shown to us, by sender and `jti`, until they are too old to be shown again.
create table taken_jwt (
  org integer not null, sender text not null, id text not null, expires integer not null,
  primary key (org, sender, id)
) strict, without rowid;
create index taken_jwt_expires on taken_jwt (org, expires, sender, id);

-- ---------------------------------------------------------------- the three records

-- What the application follows: changes, numbered without gaps, hashed in a chain.
create table event (
  org integer not null, seq integer not null, at integer not null, principal text not null, request text,
  kind integer not null, target text not null, body text not null, hash blob not null,
  primary key (org, seq)
) strict;
-- What was told of one thing, in order: its past (`directory::history`).
create index event_target on event (org, target, seq);

-- Who did what to credentials, roles, settings and sign-ins: a chain of its own, which outlives its
-- organization. Organization 0 is the installation.
create table audit (
  org integer not null, seq integer not null, at integer not null, principal text not null, request text,
  kind integer not null, target text not null, body text not null, hash blob not null,
  primary key (org, seq)
) strict;

-- Where the two chains of an organization ended, once a day, signed (`directory::audit::head`). `seq` is an audit entry.
create table audit_head (
  org integer not null, day integer not null, seq integer not null, hash blob not null,
  event_seq integer not null, event_hash blob not null, at integer not null, key text not null,
  signature blob not null,
  primary key (org, day)
) strict, without rowid;

-- The events of all organizations in one order (`directory::feed`): ranges, by the place that they were
-- given; the newest place (`no` 1) and that up to which webhooks were woken (2); and organizations with
-- events that have none yet.
create table feed (
  place integer primary key, organization integer not null, first integer not null, last integer not null
) strict, without rowid;
create index feed_organization on feed (organization, first);
create table feed_head (no integer primary key, place integer not null) strict;
create table unfed (org integer primary key) strict;

-- Where events are sent to (Standard Webhooks), for an organization or, under organization 0, for all of them.
-- `place` and `last`: how far events were taken (`directory::feed::Position`; of one organization, `last` alone).
-- `due`: when someone has to look at it next. Whoever does puts that ahead, which no one else can then.
-- `wake` counts the times that it was told of new events, `failing` whether its last attempts failed,
-- `accepted` when something was taken last.
create table webhook (
  org integer not null, id text not null, url text not null, description text not null, kinds text not null,
  ordering text not null, created integer not null, paused text, paused_since integer, paused_detail text,
  place integer not null, last integer not null, next_delivery integer not null, due integer,
  wake integer not null, failing integer not null, failing_since integer, accepted integer,
  primary key (org, id)
) strict, without rowid;
create index webhook_due on webhook (failing, due, org, id) where due is not null;

-- What its messages are signed with, sealed: two while one is replaced.
create table webhook_secret (
  org integer not null, webhook text not null, no integer not null, sealed text not null,
  created integer not null, primary key (org, webhook, no)
) strict, without rowid;

-- Events that were sent, and those that were taken and wait: `source` is the organization in which it
-- happened, `organization` its id, `place` that of its range in the feed; `log` tells of the attempts, in JSON.
create table webhook_delivery (
  org integer not null, webhook text not null, no integer not null, source integer not null,
  organization text not null, place integer not null, event integer not null, kind text not null,
  state text not null, attempts integer not null, due integer, created integer not null, log text not null,
  primary key (org, webhook, no)
) strict, without rowid;
create index webhook_delivery_state on webhook_delivery (org, webhook, state, no);
create index webhook_delivery_created on webhook_delivery (org, created, webhook, no);

-- What came of requests that must not be done twice, by the key that whoever sent them chose.
create table idempotent_request (
  org integer not null, principal text not null, key text not null, fingerprint blob not null,
  answer text not null, created integer not null, primary key (org, principal, key)
) strict, without rowid;
create index idempotent_request_created on idempotent_request (org, created, principal, key);

-- Each request that a provider made. Rows are only added and, when they are old, removed: nothing
-- of the organization is locked for them. `no` is random and tells requests of one moment apart.
create table sync_log (
  org integer not null, at integer not null, no integer not null, request text not null,
  connection integer not null, token integer, method text not null, path text not null,
  target text, status integer not null, micros integer not null, detail text, notes text,
  query text, found integer, first_event integer, last_event integer, primary key (org, at, no)
) strict;
create index sync_log_connection on sync_log (org, connection, at, no);
