//! For tests only: fresh stores on both engines, a clock that stands still, a seed.
//!
//! [`contract!`] writes a test once and runs it on each [`Engine`]; the test gets a [`TestStore`].
//! PostgreSQL takes part when `DOORWARD_TEST_POSTGRES` holds the address of a cluster that the
//! tests have to themselves (`cargo xtask postgres` starts one).

mod contract;
mod database;
mod engines;
mod people;
mod schema;
mod server;
mod store;
mod tenancy;

pub use crate::{
    contract::run,
    database::Database,
    engines::{Engine, engines, long},
    people::{group, members, user},
    server::{Answer, PUBLIC_URL, TestServer},
    store::TestStore,
    tenancy::{TestConnection, TestOrganization},
};
