//! [`Schema`]: a place of its own in the private PostgreSQL cluster.
//!
//! The store names no schema, so the search path in the URL decides where its tables are. Making
//! the tables, their policies and statistics takes most of the time of a small test
//! (docs/decisions/0052): a test leaves its schema, emptied, to the next one of the same process.

use std::{
    panic::resume_unwind,
    process,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
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

/// Schemas that a test of this process has left: migrated, and without rows.
static LEFT: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// A schema without rows. It is emptied with this value; or dropped, where someone has come to it
/// past the store. The last ones stay behind in the private cluster, which goes away as a whole.
#[derive(Debug)]
pub(crate) struct Schema {
    cluster: String,
    name: String,
    is_exposed: AtomicBool,
}

impl Schema {
    /// A schema of this test's own; the store may have to make its tables.
    pub(crate) fn take(cluster: String) -> Self {
        let left = LEFT.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match left {
            Some(name) => Self { cluster, name, is_exposed: AtomicBool::new(false) },
            None => Self::create(cluster),
        }
    }

    fn create(cluster: String) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", process::id());
        let schema = Self { cluster, name, is_exposed: AtomicBool::new(false) };
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
        let Self { cluster, name, .. } = self;
        // Without TLS, which costs more than most tests: those about it have their own addresses.
        format!("{cluster}{separator}user={OWNER}&sslmode=disable&options=-csearch_path%3D{name}")
    }

    /// Someone comes to the schema past the store, and may do anything to its tables: no other test
    /// gets it.
    pub(crate) fn expose(&self) {
        self.is_exposed.store(true, Ordering::Relaxed);
    }

    fn execute(&self, statements: &str) {
        on_plain_thread(|| {
            let mut client = Client::connect(&self.cluster, NoTls)
                .expect("DOORWARD_TEST_POSTGRES leads to a cluster");
            client.batch_execute(statements).expect("the schema is the test's own");
        });
    }
}

/// Deletes every row but the history of the schema. The role of the cluster is held by no policy.
fn emptying(schema: &str) -> String {
    format!(
        "do $$ declare name text; begin
           for name in select oid::regclass::text from pg_class
             where relnamespace = '{schema}'::regnamespace and relkind = 'r'
               and relname <> 'schema_history' and pg_relation_size(oid) > 0
           loop execute 'delete from ' || name; end loop;
         end $$"
    )
}

impl Drop for Schema {
    fn drop(&mut self) {
        // A second panic would hide the message of the first.
        if thread::panicking() {
            return;
        }
        if *self.is_exposed.get_mut() {
            self.execute(&format!("drop schema {} cascade", self.name));
        } else {
            self.execute(&emptying(&self.name));
            LEFT.lock().unwrap_or_else(PoisonError::into_inner).push(self.name.clone());
        }
    }
}

/// The driver waits with a runtime of its own, which may not be done on a thread of another.
pub(crate) fn on_plain_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join()).unwrap_or_else(|panic| resume_unwind(panic))
}
