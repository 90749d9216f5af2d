//! For tests only: fresh stores on both engines, a clock that stands still, a seed.
//!
//! [`contract!`] writes a test once and runs it on each [`Engine`]; the test gets a [`TestStore`].
//! `DOORWARD_TEST_POSTGRES` holds the address of a PostgreSQL cluster that the tests have to
//! themselves (`cargo xtask postgres` starts one); `none` leaves PostgreSQL out, and without the
//! variable the tests on it fail.

mod contract;
mod database;
mod engines;
mod name_server;
mod people;
mod saml_provider;
mod schema;
mod server;
mod store;
mod tenancy;

pub use crate::{
    contract::run,
    database::Database,
    engines::{Engine, engines, long, postgres_url},
    name_server::NameServer,
    people::{group, members, user},
    saml_provider::{SamlProvider, Statement},
    server::{Answer, PUBLIC_URL, TestServer},
    store::{TestStore, installation},
    tenancy::{TestConnection, TestOrganization},
};
