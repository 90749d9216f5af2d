//! The directory: organizations, connections, tokens, users, groups, roles and their records, in a
//! store on SQLite or PostgreSQL.
//!
//! A verb of the domain is an ordinary function over one organization, a [`Reader`] or a
//! [`Writer`]; [`Store`] runs it in a transaction for whoever has [`Access`]. What reaches across
//! organizations hangs on an [`Installation`]. The crate knows no HTTP.
//!
//! ```no_run
//! # async fn f(store: directory::Store, caller: directory::token::Caller, user: scim::Object)
//! # -> Result<(), directory::Error> {
//! use directory::user::{self, Rehire};
//!
//! let created = store
//!     .write(&caller.access, move |writer| user::create(writer, &user, Rehire::BringBack))
//!     .await?;
//! # Ok(()) }
//! ```

pub mod about;
pub mod access;
pub mod audit;
pub mod break_glass;
pub mod checksum;
mod clock;
pub mod connection;
mod credential;
mod db;
pub mod domain;
mod error;
pub mod event;
pub mod feed;
pub mod history;
mod id;
pub mod idempotency;
pub mod installation;
mod keyword;
mod limit;
pub mod maintenance;
mod name;
pub mod oauth;
pub mod organization;
pub mod plan;
mod random;
mod record;
pub mod removal;
mod resource;
pub mod role;
pub mod saml;
pub mod schemas;
pub mod seal;
pub mod search;
pub mod session;
pub mod setup_link;
pub mod sign_in;
pub mod snapshot;
mod store;
pub mod sync_log;
pub mod trouble;
pub mod webhook;

pub use crate::{
    access::{Access, Principal, Verb},
    clock::{Clock, ManualClock, SystemClock, Time},
    credential::{api_key, program, secret::Secret, token},
    db::{
        Copied, Distributed, LOCK_FILE, Location, Lock, Placement, Staged, Transfer, Transferred,
        Wall,
    },
    error::{Damage, Error, Noun, Rule, Unusable, WorkError},
    id::{
        AuditNo, ConnectionId, ConnectionNo, DeliveryNo, EventNo, GrantId, KeyNo, OrganizationId,
        RequestId, ResourceId, ResourceNo, SessionId, SetupLinkId, TokenNo, Version, WebhookId,
    },
    installation::Installation,
    limit::FIXED,
    random::Random,
    record::{Attributes, Described, DescribedField, Entry, Record},
    resource::{
        Document, Group, Registered, Resource, User, after, get, group,
        membership::{Member, MemberKind, Membership},
        pushed, registered, user,
    },
    store::{Measures, Pools, Reader, Store, StoreOptions, Waiting, Writer},
};
