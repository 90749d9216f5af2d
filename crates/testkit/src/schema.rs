//! [`Schema`]: a place of its own in the private PostgreSQL cluster.
//!
//! A schema is made and dropped in a few milliseconds, a database in ten times that; the store
//! names no schema, so the search path in the URL decides where its tables are.

use std::{
    panic::resume_unwind,
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use postgres::{Client, NoTls};

/// Who owns the tables of tests and connects as a server does: a role that policies hold, which a
/// superuser is not.
pub(crate) const OWNER: &str = "test_doorward";

/// Makes that role where it is not there yet.
pub(crate) fn make_owner() -> String {
    format!(
        "do $$ begin create role {OWNER} login; \
         exception when duplicate_object or unique_violation then null; end $$"
    )
}

/// An empty schema, dropped with this value.
#[derive(Debug)]
pub(crate) struct Schema {
    cluster: String,
    name: String,
}

impl Schema {
    pub(crate) fn create(cluster: String) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let schema = Self { cluster, name: format!("test_{}_{number}", process::id()) };
        // A test binary that was killed may have left one under the same name.
        schema.execute(&format!(
            "{}; drop schema if exists {1} cascade; create schema {1} authorization {OWNER}",
            make_owner(),
            schema.name
        ));
        schema
    }

    /// The address under which the schema is all there is.
    pub(crate) fn url(&self) -> String {
        let separator = if self.cluster.contains('?') { '&' } else { '?' };
        format!("{}{separator}user={OWNER}&options=-csearch_path%3D{}", self.cluster, self.name)
    }

    fn execute(&self, statements: &str) {
        on_plain_thread(|| {
            let mut client = Client::connect(&self.cluster, NoTls)
                .expect("DOORWARD_TEST_POSTGRES leads to a cluster");
            client.batch_execute(statements).expect("the schema is the test's own");
        });
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        // A second panic would hide the message of the first.
        if !thread::panicking() {
            self.execute(&format!("drop schema {} cascade", self.name));
        }
    }
}

/// The driver waits with a runtime of its own, which may not be done on a thread of another.
pub(crate) fn on_plain_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|panic| resume_unwind(panic))
}
