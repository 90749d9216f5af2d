//! [`Database`]: a database of its own in the private PostgreSQL cluster, for tests that end the
//! connections of one store and of no other.

use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use postgres::{Client, NoTls};

use crate::{
    engines::postgres_url,
    schema::{OWNER, make_owner, on_plain_thread},
};

/// An empty database, dropped with this value.
#[derive(Debug)]
pub struct Database {
    cluster: String,
    name: String,
}

impl Database {
    /// A database of its own, unless PostgreSQL was left out.
    #[must_use]
    pub fn create() -> Option<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let cluster = postgres_url()?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let database = Self { cluster, name: format!("test_{}_{number}", process::id()) };
        // A test binary that was killed may have left one under the same name.
        database.drop_it();
        database.execute(&make_owner());
        database.execute(&format!("create database {} owner {OWNER}", database.name));
        Some(database)
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        let separator = if self.cluster.contains('?') { '&' } else { '?' };
        format!("{}{separator}user={OWNER}&dbname={}", self.cluster, self.name)
    }

    /// Ends every connection to it, whatever it is doing. Answers how many there were.
    #[must_use]
    pub fn end_connections(&self) -> usize {
        let sql = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1";
        self.on_cluster(|client| {
            client.query(sql, &[&self.name]).expect("the test may end connections").len()
        })
    }

    fn execute(&self, statement: &str) {
        self.on_cluster(|client| {
            client.execute(statement, &[]).expect("the database is the test's own");
        });
    }

    fn on_cluster<T: Send>(&self, work: impl FnOnce(&mut Client) -> T + Send) -> T {
        on_plain_thread(|| {
            let mut client = Client::connect(&self.cluster, NoTls)
                .expect("DOORWARD_TEST_POSTGRES leads to a cluster");
            work(&mut client)
        })
    }

    fn drop_it(&self) {
        self.execute(&format!("drop database if exists {} with (force)", self.name));
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // A second panic would hide the message of the first.
        if !thread::panicking() {
            self.drop_it();
        }
    }
}
