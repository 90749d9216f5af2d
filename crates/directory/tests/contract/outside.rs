//! [`Outside`]: the tables of a store as someone sees and changes them who has its database.

use std::thread;

use directory::Location;
use secrecy::ExposeSecret as _;
use testkit::TestStore;

/// A connection to the database of a store, beside the store itself.
pub(crate) struct Outside(Location);

impl Outside {
    pub(crate) fn of(store: &TestStore) -> Self {
        Self(store.location())
    }

    /// Runs a statement. Answers how many rows it changed.
    pub(crate) fn execute(&self, statement: &str) -> u64 {
        match &self.0 {
            Location::Directory(_) => {
                let changed = self.sqlite().execute(statement, []).expect(statement);
                u64::try_from(changed).expect("a number of rows")
            }
            Location::Postgres(_) => {
                self.postgres(|client| client.execute(statement, &[]).expect(statement))
            }
        }
    }

    /// So many bytes that are zero, as a statement writes them.
    pub(crate) fn zeros(&self, count: usize) -> String {
        match &self.0 {
            Location::Directory(_) => format!("zeroblob({count})"),
            Location::Postgres(_) => format!("decode(repeat('00', {count}), 'hex')"),
        }
    }

    /// The number that a query answers.
    pub(crate) fn number(&self, query: &str) -> i64 {
        match &self.0 {
            Location::Directory(_) => {
                self.sqlite().query_row(query, [], |row| row.get(0)).expect(query)
            }
            Location::Postgres(_) => {
                self.postgres(|client| client.query_one(query, &[]).expect(query).get(0))
            }
        }
    }

    /// How many rows a table has.
    pub(crate) fn rows(&self, table: &str) -> i64 {
        self.number(&format!("select count(*) from {table}"))
    }

    /// How many rows of an organization a table has.
    pub(crate) fn rows_of(&self, table: &str, org: i64) -> i64 {
        self.number(&format!("select count(*) from {table} where org = {org}"))
    }

    /// The number of an organization in the tables.
    pub(crate) fn org(&self, slug: &str) -> i64 {
        self.number(&format!("select org from organization where slug = '{slug}'"))
    }

    /// Every table that holds rows of organizations, as the live catalogue has them.
    pub(crate) fn tables_of_organizations(&self) -> Vec<String> {
        match &self.0 {
            Location::Directory(_) => {
                let query = "select t.name from sqlite_schema t join pragma_table_info(t.name) c \
                             where t.type = 'table' and c.name = 'org' order by t.name";
                let file = self.sqlite();
                let mut statement = file.prepare(query).expect(query);
                let names = statement.query_map([], |row| row.get(0)).expect(query);
                names.collect::<Result<_, _>>().expect(query)
            }
            Location::Postgres(_) => self.postgres(|client| {
                let query = "select table_name::text from information_schema.columns \
                             where table_schema = current_schema() and column_name = 'org' \
                             order by table_name";
                client.query(query, &[]).expect(query).iter().map(|row| row.get(0)).collect()
            }),
        }
    }

    fn sqlite(&self) -> rusqlite::Connection {
        let Location::Directory(directory) = &self.0 else { unreachable!("it is on PostgreSQL") };
        let file = rusqlite::Connection::open(directory.join("doorward.db"));
        file.expect("the database opens")
    }

    /// The driver waits with a runtime of its own, which may not be done on a thread of another.
    fn postgres<T: Send>(&self, work: impl FnOnce(&mut postgres::Client) -> T + Send) -> T {
        let Location::Postgres(url) = &self.0 else { unreachable!("it is on SQLite") };
        let connect = || postgres::Client::connect(url.expose_secret(), postgres::NoTls);
        let work = || {
            let mut client = connect().expect("the cluster answers");
            client.batch_execute("set doorward.org = 'all'").expect("anyone may set it");
            work(&mut client)
        };
        thread::scope(|scope| scope.spawn(work).join()).expect("no panic")
    }
}
