//! Against the private cluster, which has TLS, and these lines in its `pg_hba.conf`:
//! `test_password` needs a password, `test_tls` is let in with TLS only, `test_plain` without only.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener},
    thread,
};

use postgres::{Client, NoTls};
use tempfile::TempDir;

use crate::db::{Location, postgres_url::PostgresUrl};

/// Where the cluster listens, by another name than that in its certificate.
struct Cluster {
    url: String,
    port: u16,
    /// The certificate of the server in a file, and that of someone else.
    files: TempDir,
}

impl Cluster {
    /// The private cluster, unless PostgreSQL was left out.
    fn find() -> Option<Self> {
        let url = testkit::postgres_url()?;
        let mut client = Client::connect(&url, NoTls).expect("DOORWARD_TEST_POSTGRES");
        let mut ask = |sql: &str| -> String {
            client.query_one(sql, &[]).expect("the private cluster answers").get(0)
        };
        assert_eq!(
            ask("select current_setting('ssl')"),
            "on",
            "these tests want TLS: start the cluster with `cargo xtask postgres`"
        );
        let certificate = ask("select pg_read_file(current_setting('ssl_cert_file'))");
        for role in ["test_password", "test_tls", "test_plain"] {
            let create = format!(
                "do $$ begin create role {role} login password 'hunter2'; \
                 exception when duplicate_object or unique_violation then null; end $$"
            );
            client.batch_execute(&create).expect("a role");
        }
        let files = tempfile::tempdir().expect("a temporary directory");
        fs::write(files.path().join("right.pem"), certificate).expect("a file");
        let somebody = rcgen::generate_simple_self_signed(Vec::new()).expect("a certificate");
        fs::write(files.path().join("wrong.pem"), somebody.cert.pem()).expect("a file");
        let url = PostgresUrl::parse(&url).expect("an address");
        let port = url.config.get_ports().first().copied().expect("a port");
        Some(Self { url: format!("127.0.0.1:{port}"), port, files })
    }

    /// An address of the cluster, in which `RIGHT` and `WRONG` name the certificates.
    fn address(&self, user: &str, host: &str, parameters: &str) -> String {
        let file = |name: &str| self.files.path().join(name).display().to_string();
        let parameters =
            parameters.replace("RIGHT", &file("right.pem")).replace("WRONG", &file("wrong.pem"));
        format!("postgres://{user}@{host}:{}/postgres?{parameters}", self.port)
    }

    /// Whether a connection is encrypted, or why there is none.
    fn encrypts(&self, user: &str, host: &str, parameters: &str) -> Result<bool, String> {
        let mut client = PostgresUrl::parse(&self.address(user, host, parameters))?.connect()?;
        let sql = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
        Ok(client.query_one(sql, &[]).expect("a row of our own").get(0))
    }
}

/// Asserts that there is no connection, and what is said then.
fn refused(result: Result<bool, String>, parts: &[&str]) {
    let sentence = result.expect_err("no connection");
    for part in parts {
        assert!(sentence.contains(part), "{part}: {sentence}");
    }
    assert!(!sentence.contains("hunter2") && !sentence.contains("secret"), "{sentence}");
}

#[test]
fn each_mode_encrypts_and_verifies_what_it_should() {
    let Some(cluster) = Cluster::find() else { return };
    let try_with = |host: &str, parameters: &str| cluster.encrypts("postgres", host, parameters);
    for (parameters, encrypted) in [
        ("", true),
        ("sslmode=disable", false),
        ("sslmode=allow", false),
        ("sslmode=prefer", true),
        ("sslmode=require", true),
        ("sslmode=require&sslrootcert=RIGHT", true),
        ("sslmode=verify-ca&sslrootcert=RIGHT", true),
        ("sslmode=prefer&sslrootcert=RIGHT", true),
        // Prefer goes on without what it could not have.
        ("sslmode=prefer&sslrootcert=WRONG", false),
    ] {
        assert_eq!(try_with("127.0.0.1", parameters), Ok(encrypted), "{parameters}");
    }
    assert_eq!(try_with("localhost", "sslmode=verify-full&sslrootcert=RIGHT"), Ok(true));
    refused(
        try_with("127.0.0.1", "sslmode=verify-full&sslrootcert=RIGHT"),
        &["127.0.0.1", "connect to the name that stands in it", "sslmode=verify-ca"],
    );
    for mode in ["require", "verify-ca", "verify-full"] {
        refused(
            try_with("localhost", &format!("sslmode={mode}&sslrootcert=WRONG")),
            &["the certificate of PostgreSQL at localhost:", "is not accepted", "wrong.pem"],
        );
    }
    refused(try_with("localhost", "sslmode=verify-full"), &["is not accepted", "sslrootcert=FILE"]);
}

#[test]
fn a_server_that_wants_the_other_kind_of_connection_gets_it_from_the_weak_modes() {
    let Some(cluster) = Cluster::find() else { return };
    let try_as = |user: &str, parameters: &str| cluster.encrypts(user, "127.0.0.1", parameters);
    for (user, parameters, encrypted) in [
        ("test_tls", "sslmode=allow", true),
        ("test_tls", "sslmode=prefer", true),
        ("test_tls", "sslmode=require", true),
        ("test_plain", "sslmode=allow", false),
        ("test_plain", "sslmode=prefer", false),
        ("test_plain", "sslmode=disable", false),
    ] {
        assert_eq!(try_as(user, parameters), Ok(encrypted), "{user} {parameters}");
    }
    for (user, parameters) in [("test_tls", "sslmode=disable"), ("test_plain", "sslmode=require")] {
        let user_named = format!("the user \"{user}\"");
        refused(
            try_as(user, parameters),
            &[&user_named, "pg_hba.conf", "the database \"postgres\""],
        );
    }
    // Both ways fail: of TLS is told.
    refused(try_as("test_tls", "sslmode=prefer&sslrootcert=WRONG"), &["wrong.pem"]);
}

#[test]
fn what_is_wrong_with_the_address_is_named() {
    let Some(cluster) = Cluster::find() else { return };
    let at = cluster.url.as_str();
    let connect = |url: &str| PostgresUrl::parse(url)?.connect().map(|_| true);

    refused(
        connect(&format!("postgres://postgres:secret@{at}/no_such_door")),
        &[at, "\"no_such_door\"", "(createdb)", "correct the database URL"],
    );
    refused(
        connect(&format!("postgres://test_password:secret@{at}/postgres")),
        &[at, "\"test_password\"", "\"postgres\"", "correct the user or the password"],
    );
    refused(
        connect(&format!("postgres://test_password@{at}/postgres")),
        &[at, "\"test_password\"", "wants a password", "add it to the database URL"],
    );
    assert_eq!(connect(&format!("postgres://test_password:hunter2@{at}/postgres")), Ok(true));
    refused(
        connect(&format!("postgres://no_such_user:secret@{at}/postgres")),
        &[at, "\"no_such_user\"", "must exist"],
    );
    refused(
        connect("postgres://postgres:secret@no-such-host.invalid/postgres"),
        &["cannot reach PostgreSQL at no-such-host.invalid:5432", "host and port"],
    );
    // Port 1 belongs to a service that no one runs.
    refused(
        connect("postgres://postgres:secret@127.0.0.1:1/postgres"),
        &["cannot reach PostgreSQL at 127.0.0.1:1", "refused", "Is it running"],
    );
}

/// A server that says no to TLS and closes.
fn without_tls() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        // `SSLRequest` has eight bytes; `N` is no.
        stream.read_exact(&mut [0; 8]).and_then(|()| stream.write_all(b"N")).expect("a request");
    });
    address
}

#[test]
fn a_server_without_tls_is_refused_where_it_is_asked_for() {
    for parameters in ["sslmode=require", "sslmode=verify-full"] {
        let url = format!("postgres://me:secret@{}/door?{parameters}", without_tls());
        let result = PostgresUrl::parse(&url).and_then(|url| url.connect().map(|_| true));
        refused(result, &["has no TLS", parameters, "ssl = on"]);
    }
}

#[test]
fn whoever_opens_a_store_reads_the_same() {
    let Some(cluster) = Cluster::find() else { return };
    let url = format!("postgres://postgres:secret@{}/no_such_door", cluster.url);
    let error = Location::Postgres(url.into()).migrate().expect_err("there is no such database");
    let sentence = error.to_string();
    assert!(sentence.contains("does not have the database \"no_such_door\""), "{sentence}");
    assert!(!sentence.contains("secret"), "{sentence}");
}

#[test]
fn a_server_that_may_be_another_is_told_of() {
    let said = |url: &str| PostgresUrl::parse(url).expect(url).unverified();
    for url in [
        "postgres://me:secret@db.example/door",
        "postgres://me:secret@db.example/door?sslmode=disable",
        "postgres://me:secret@db.example/door?sslmode=require",
        "postgres://me:secret@db.example/door?sslmode=prefer&sslrootcert=root.pem",
    ] {
        let warning = said(url).expect(url);
        assert!(warning.contains("db.example:5432 is not verified"), "{warning}");
        assert!(warning.contains("sslmode=verify-full"), "{warning}");
        assert!(!warning.contains("secret"), "{warning}");
    }
    for url in [
        "postgres://me:secret@db.example/door?sslmode=verify-full",
        "postgres://me:secret@db.example/door?sslmode=verify-ca&sslrootcert=root.pem",
        "postgres://me:secret@db.example/door?sslmode=require&sslrootcert=root.pem",
        "postgres://me:secret@localhost/door?sslmode=disable",
        "postgres://me:secret@%2Fvar%2Frun/door",
    ] {
        assert_eq!(said(url), None, "{url}");
    }
}
