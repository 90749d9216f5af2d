//! A private PostgreSQL cluster on the loopback address, deleted at the end.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::command::{self, TICK};
use crate::guard::{Guarded, Signal};
use crate::workspace::Workspace;
use crate::{install, machine};

/// How long a cluster may take to start.
const START_LIMIT: Duration = Duration::from_mins(1);

/// How long a cluster may take to stop.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// The server's log, in the folder of its cluster.
const LOG: &str = "log";

/// `cargo xtask postgres`
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Wait for the disk at each commit, as in production.
    #[arg(long)]
    durable: bool,
}

/// Whether an acknowledged commit survives a power cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The server's own defaults.
    Durable,
    /// For tests: the data is thrown away anyway. This one has TLS, too.
    Fleeting,
}

/// Starts a cluster and keeps it until ctrl-c.
pub(crate) fn run(options: &Options) -> Result<()> {
    let workspace = Workspace::find()?;
    let durability = if options.durable { Durability::Durable } else { Durability::Fleeting };
    let mut cluster = Cluster::start(&workspace, durability)?;
    println!("{}", cluster.url());
    eprintln!("DOORWARD_TEST_POSTGRES={} cargo test --workspace", cluster.url());
    eprintln!("Stops and is deleted at ctrl-c.");
    let status = cluster.guard.wait()?;
    bail!("PostgreSQL ended by itself ({status})")
}

/// A running cluster.
#[derive(Debug)]
pub(crate) struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    owner: Option<Owner>,
    durability: Durability,
    port: u16,
    databases: u32,
    guard: Guarded,
}

/// Who runs the server: PostgreSQL refuses root.
#[derive(Clone, Copy, Debug)]
struct Owner {
    user: u32,
    group: u32,
}

impl Owner {
    /// The user `postgres` when we are root, ourselves otherwise.
    fn find() -> Result<Option<Self>> {
        if !machine::is_root()? {
            return Ok(None);
        }
        let number = |flag: &str| -> Result<u32> {
            let text = command::read(Command::new("id").args([flag, "postgres"]))
                .context("PostgreSQL does not run as root, and there is no user `postgres`")?;
            text.trim().parse().context("`id` did not print a number")
        };
        Ok(Some(Self { user: number("-u")?, group: number("-g")? }))
    }

    /// Makes the command run as this user, without our supplementary groups.
    fn adopt(owner: Option<Self>, command: &mut Command) -> &mut Command {
        if let Some(owner) = owner {
            command.uid(owner.user).gid(owner.group);
        }
        command
    }
}

impl Cluster {
    /// Creates and starts a cluster; installs PostgreSQL when the machine has none.
    pub(crate) fn start(workspace: &Workspace, durability: Durability) -> Result<Self> {
        let programs = install::postgres()?;
        // The port is free when we look, and someone else's a moment later: then another one.
        let mut failure = None;
        for _ in 0..3 {
            match Self::attempt(workspace, &programs, durability) {
                Ok(cluster) => return Ok(cluster),
                Err(error) if format!("{error:#}").contains("already in use") => {
                    failure = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        Err(failure.context("no attempt was made")?)
    }

    fn attempt(workspace: &Workspace, programs: &Path, durability: Durability) -> Result<Self> {
        let start = Instant::now();
        let owner = Owner::find()?;
        let folder = folder(workspace, owner)?;
        match Self::attempt_in(&folder, owner, programs, durability) {
            Ok(cluster) => {
                println!(
                    "PostgreSQL on port {} ({:.1} s)",
                    cluster.port,
                    start.elapsed().as_secs_f64()
                );
                Ok(cluster)
            }
            Err(error) => {
                // Until the guard stands, the folder is ours to delete.
                let _ = fs::remove_dir_all(&folder);
                Err(error)
            }
        }
    }

    fn attempt_in(
        folder: &Path,
        owner: Option<Owner>,
        programs: &Path,
        durability: Durability,
    ) -> Result<Self> {
        let data = folder.join("data");
        let mut initdb = Command::new(programs.join("initdb"));
        initdb
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"])
            .args(["--no-sync", "--pgdata"])
            .arg(&data)
            .current_dir(folder);
        command::read(Owner::adopt(owner, &mut initdb))?;
        if durability == Durability::Fleeting {
            certify(&data, owner)?;
            admit(&data)?;
        }

        let port = machine::free_port()?;
        let mut server = server(programs, folder, owner, port, durability)?;
        let guard = Guarded::start(&mut server, folder, Signal::Interrupt, STOP_LIMIT)?;
        let (programs, folder) = (programs.to_owned(), folder.to_owned());
        let mut cluster = Self { programs, folder, owner, durability, port, databases: 0, guard };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// The server writes its state into the eighth line of `postmaster.pid`.
    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        let process = self.guard.process().to_string();
        let log = self.folder.join(LOG);
        loop {
            let state = self.folder.join("data").join("postmaster.pid");
            let state = fs::read_to_string(state).unwrap_or_default();
            // One that was killed has left its own state there.
            let is_ours = state.lines().next() == Some(process.as_str());
            if is_ours && state.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                return Ok(());
            }
            if let Some(status) = self.guard.ended()? {
                bail!("PostgreSQL ended at its start ({status}); {}", command::tail(&log, 30));
            }
            if start.elapsed() > START_LIMIT {
                bail!(
                    "PostgreSQL was not ready within {} s; {}",
                    START_LIMIT.as_secs(),
                    command::tail(&log, 30)
                );
            }
            thread::sleep(TICK);
        }
    }

    /// Kills the server and every process of it, as a machine that fails does.
    pub(crate) fn kill(&mut self) -> Result<()> {
        let backends = machine::children(self.guard.process());
        self.guard.kill()?;
        for backend in backends {
            // Most have noticed by themselves.
            let _ = machine::signal(backend, "KILL");
        }
        Ok(())
    }

    /// Starts the server again after [`Cluster::kill`], on the same data.
    pub(crate) fn restart(&mut self) -> Result<()> {
        let start = Instant::now();
        loop {
            let Self { programs, folder, owner, durability, port, .. } = self;
            let mut server = server(programs, folder, *owner, *port, *durability)?;
            self.guard.succeed(&mut server)?;
            match self.wait_until_ready() {
                // Until the last of the killed processes is gone it holds the shared memory.
                Err(_) if start.elapsed() < STOP_LIMIT => thread::sleep(TICK),
                result => return result,
            }
        }
    }

    /// Stops every process of the server where it is, as a machine that hangs does.
    pub(crate) fn freeze(&self) -> Result<()> {
        self.signal("STOP")
    }

    /// Lets every process of the server go on.
    pub(crate) fn thaw(&self) -> Result<()> {
        self.signal("CONT")
    }

    fn signal(&self, name: &str) -> Result<()> {
        let server = self.guard.process();
        machine::signal(server, name)?;
        for backend in machine::children(server) {
            // A connection may have ended meanwhile.
            let _ = machine::signal(backend, name);
        }
        Ok(())
    }

    /// Where the tests connect; the user may create databases.
    pub(crate) fn url(&self) -> String {
        self.database_url("postgres")
    }

    /// The folder of PostgreSQL's programs.
    pub(crate) fn programs(&self) -> &Path {
        &self.programs
    }

    /// The id of the server's first process, whose children the others are.
    pub(crate) fn process(&self) -> u32 {
        self.guard.process()
    }

    fn database_url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Creates an empty database and returns its URL.
    pub(crate) fn create_database(&mut self) -> Result<String> {
        self.databases += 1;
        let name = format!("doorward_{}", self.databases);
        let mut createdb = Command::new(self.programs.join("createdb"));
        createdb
            .args(["--host=127.0.0.1", "--username=postgres", "--no-password"])
            .arg(format!("--port={}", self.port))
            .arg(&name);
        command::read(&mut createdb)?;
        Ok(self.database_url(&name))
    }
}

/// The command that runs the server. Its log goes on where it was.
fn server(
    programs: &Path,
    folder: &Path,
    owner: Option<Owner>,
    port: u16,
    durability: Durability,
) -> Result<Command> {
    let log = File::options().create(true).append(true).open(folder.join(LOG));
    let log = log.context("cannot write the log of PostgreSQL")?;
    let mut server = Command::new(programs.join("postgres"));
    server.arg("-D").arg(folder.join("data")).args(settings(port, durability)).current_dir(folder);
    // English, whatever the machine speaks: we read one of its messages.
    server.env("LC_ALL", "C").stdout(log.try_clone()?).stderr(log);
    Owner::adopt(owner, &mut server);
    Ok(server)
}

/// Gives the server a certificate that signed itself, for the name `localhost`.
fn certify(data: &Path, owner: Option<Owner>) -> Result<()> {
    let openssl = install::openssl()?;
    let mut make = Command::new(openssl);
    make.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-nodes", "-days", "2", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        // Where the server looks when no one tells it.
        .args(["-keyout", "server.key", "-out", "server.crt"])
        .current_dir(data);
    command::read(Owner::adopt(owner, &mut make))?;
    Ok(())
}

/// What the tests of connecting want: a user who needs a password, and users who are let in with
/// TLS only and without it only.
const ADMISSION: &str = "\
host      all  test_password  all  scram-sha-256
hostssl   all  test_tls       all  trust
host      all  test_tls       all  reject
hostnossl all  test_plain     all  trust
host      all  test_plain     all  reject
";

fn admit(data: &Path) -> Result<()> {
    let path = data.join("pg_hba.conf");
    // The first line that fits decides.
    let everyone = fs::read_to_string(&path).context("cannot read pg_hba.conf")?;
    fs::write(&path, format!("{ADMISSION}{everyone}")).context("cannot write pg_hba.conf")
}

/// The server's settings, as arguments.
fn settings(port: u16, durability: Durability) -> Vec<String> {
    let mut settings = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        // No socket file: its path may be too long, and no one needs it.
        "unix_socket_directories=".to_owned(),
        // Test binaries run side by side, each with pools of its own.
        "max_connections=300".to_owned(),
    ];
    if durability == Durability::Fleeting {
        for name in ["fsync", "synchronous_commit", "full_page_writes"] {
            settings.push(format!("{name}=off"));
        }
        settings.push("ssl=on".to_owned());
    }
    settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]).collect()
}

/// A folder that belongs to the owner: in the target folder, so on the disk of the work tree, or
/// in the temporary folder when the owner cannot reach that.
fn folder(workspace: &Workspace, owner: Option<Owner>) -> Result<PathBuf> {
    let homes = [workspace.scratch().join("postgres"), std::env::temp_dir()];
    for home in homes {
        fs::create_dir_all(&home).with_context(|| format!("cannot make {}", home.display()))?;
        let folder = create(&home)?;
        if let Some(Owner { user, group }) = owner {
            chown(&folder, Some(user), Some(group)).context("cannot give the folder away")?;
        }
        // Reaching it needs the right to pass through each folder above.
        let mut touch = Command::new("test");
        touch.arg("-w").arg(&folder).current_dir("/");
        if Owner::adopt(owner, &mut touch).status()?.success() {
            return Ok(folder);
        }
        fs::remove_dir_all(&folder)?;
    }
    bail!("found no folder that the user `postgres` can write to")
}

/// A new folder; never one that was there before.
fn create(home: &Path) -> Result<PathBuf> {
    for number in 0..100 {
        let folder = home.join(format!("doorward-postgres-{}-{number}", process::id()));
        match fs::create_dir(&folder) {
            Ok(()) => {
                fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
                return Ok(folder);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(error).with_context(|| format!("cannot make {}", folder.display()));
            }
        }
    }
    bail!("{} is full of old clusters", home.display())
}
