//! A running doorward on an engine, with a store of its own.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::{self, Captured};
use crate::guard::{Guarded, Signal};
use crate::machine;
use crate::step::Run;

/// How long a server may take to open its store and listen.
const START_LIMIT: Duration = Duration::from_mins(1);

/// How often a server that starts is asked whether it is ready.
const READY_TICK: Duration = Duration::from_millis(10);

/// The directory of a SQLite store, in the folder of its server.
const DATA: &str = "data";

/// More than the server itself gives to requests in flight.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// How long a command that answers one question may take.
const COMMAND_LIMIT: Duration = Duration::from_mins(1);

/// The database in the directory of a store.
const FILE: &str = "doorward.db";

/// What the server stores its records in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// A folder of its own.
    Sqlite,
    /// A fresh database in the private cluster.
    Postgres,
}

impl Engine {
    /// For a person.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// On the command line, and in the names of files and marks.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// The one that was chosen, or both.
    pub(crate) fn chosen(engine: Option<Self>) -> Vec<Self> {
        engine.map_or_else(|| vec![Self::Sqlite, Self::Postgres], |engine| vec![engine])
    }
}

/// One SCIM connection, as `doorward connection create` tells it.
#[derive(Debug)]
pub(crate) struct Connection {
    /// What the provider's administrator would paste.
    pub(crate) base_url: String,
    /// The bearer token. It opens a store that is deleted at the end.
    pub(crate) token: String,
}

/// How a server is set up.
#[derive(Debug)]
pub(crate) struct Setup {
    /// The program.
    pub(crate) binary: PathBuf,
    /// Where folders and logs are made.
    pub(crate) scratch: PathBuf,
    /// Names its folder and log.
    pub(crate) name: String,
    /// Address of an empty PostgreSQL database; without one the store is in its folder.
    pub(crate) database: Option<String>,
    /// Variables of its environment.
    pub(crate) environment: Vec<(String, String)>,
}

/// A server that is ready for requests.
#[derive(Debug)]
pub(crate) struct Server {
    binary: PathBuf,
    /// `--data` or `--database-url`, and `--public-url`.
    global: Vec<String>,
    environment: Vec<(String, String)>,
    address: SocketAddr,
    folder: PathBuf,
    log: PathBuf,
    guard: Guarded,
}

impl Server {
    /// Starts a server on an empty store. `label` names its log.
    pub(crate) fn start(run: &mut Run, engine: Engine, label: &str) -> Result<Self> {
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(run.postgres()?.create_database()?),
        };
        Self::open(Setup {
            binary: run.doorward()?,
            scratch: run.workspace.scratch(),
            name: format!("{label}-{}", engine.name().to_lowercase()),
            database,
            environment: Vec::new(),
        })
    }

    /// Starts a server on an empty store.
    pub(crate) fn open(setup: Setup) -> Result<Self> {
        let Setup { binary, scratch, name, database, environment } = setup;
        let logs = scratch.join("logs");
        fs::create_dir_all(&logs).with_context(|| format!("cannot make {}", logs.display()))?;
        let log = logs.join(format!("{name}.log"));
        File::create(&log).context("cannot write the server's log")?;
        let folder = scratch.join(format!("{name}-{}", process::id()));
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut global = match database {
            None => vec!["--data".to_owned(), folder.join(DATA).display().to_string()],
            Some(url) => vec!["--database-url".to_owned(), url],
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, machine::free_port()?));
        global.extend(["--public-url".to_owned(), format!("http://{address}")]);
        let mut serve = serve(&binary, &folder, &global, &environment, address, &log)?;
        println!("$ {}", command::line(&serve));
        let guard = Guarded::start(&mut serve, &folder, Signal::Terminate, STOP_LIMIT)?;
        let mut server = Self { binary, global, environment, address, folder, log, guard };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        if self.becomes_ready()? {
            return Ok(());
        }
        bail!("the server ended at its start; {}", self.log_tail())
    }

    /// Waits until the server takes requests; `false`: it ended instead.
    fn becomes_ready(&mut self) -> Result<bool> {
        let start = Instant::now();
        loop {
            if is_ready(self.address) {
                return Ok(true);
            }
            if self.guard.ended()?.is_some() {
                return Ok(false);
            }
            if start.elapsed() > START_LIMIT {
                bail!(
                    "GET /readyz did not answer 200 within {} s; {}",
                    START_LIMIT.as_secs(),
                    self.log_tail()
                );
            }
            thread::sleep(READY_TICK);
        }
    }

    /// The id of its process.
    pub(crate) fn process(&self) -> u32 {
        self.guard.process()
    }

    /// What a command on the same store begins with: the program, and which store.
    pub(crate) fn command_line(&self) -> Vec<String> {
        let program = self.binary.display().to_string();
        std::iter::once(program).chain(self.global.iter().cloned()).collect()
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The directory of its SQLite store.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.join(DATA)
    }

    /// Its folder, which is deleted with it.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Variables for the processes that are started from now on.
    pub(crate) fn set_environment(&mut self, environment: Vec<(String, String)>) {
        self.environment = environment;
    }

    /// Kills the process: it learns nothing of it.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.guard.kill()
    }

    /// Whether the process has ended.
    pub(crate) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.guard.ended()?.is_some())
    }

    /// Tells the process to end, and wants a clean end.
    pub(crate) fn end(&mut self) -> Result<()> {
        let status = self.guard.stop()?;
        if !status.success() {
            bail!("the server did not end cleanly when asked to ({status}); {}", self.log_tail());
        }
        Ok(())
    }

    /// Starts the server again on the same store and port, after its process has ended.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.begin_again()?;
        self.wait_until_ready()
    }

    /// The same, where the start may fail: `false`, and the process has ended.
    pub(crate) fn try_restart(&mut self) -> Result<bool> {
        self.begin_again()?;
        self.becomes_ready()
    }

    fn begin_again(&mut self) -> Result<()> {
        let Self { binary, global, environment, address, folder, log, guard } = self;
        let mut serve = serve(binary, folder, global, environment, *address, log)?;
        guard.succeed(&mut serve)
    }

    /// The file of its store, where it has one.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        (self.global[0] == "--data").then(|| self.data().join(FILE))
    }

    /// The file of an empty store like its own, which no one serves.
    pub(crate) fn empty_file(&self) -> Result<PathBuf> {
        let data = self.folder.join("empty");
        let mut migrate = program(&self.binary, &self.folder);
        command::read(migrate.args(["migrate", "--data"]).arg(&data))?;
        Ok(data.join(FILE))
    }

    /// Passes the outcome on; prints the end of the server's log when it is a failure.
    pub(crate) fn explain<T>(&self, outcome: Result<T>) -> Result<T> {
        if outcome.is_err() {
            println!("{}", self.log_tail());
        }
        outcome
    }

    /// The end of the server's log, for an error message.
    fn log_tail(&self) -> String {
        command::tail(&self.log, 30)
    }

    /// A `doorward` command on the same store, answered by one JSON object.
    pub(crate) fn ask(&self, arguments: &[&str]) -> Result<Value> {
        let captured = self.run(arguments, COMMAND_LIMIT)?;
        let shown = arguments.join(" ");
        if !captured.status.success() {
            bail!("`doorward {shown}` failed ({}): {}", captured.status, captured.output);
        }
        let answer: Value = serde_json::from_str(&captured.output).with_context(|| {
            format!("`doorward {shown} --json` did not print one JSON object: {}", captured.output)
        })?;
        Ok(answer)
    }

    /// A `doorward` command on the same store; its messages go to our standard error.
    pub(crate) fn run(&self, arguments: &[&str], limit: Duration) -> Result<Captured> {
        let mut command = program(&self.binary, &self.folder);
        command.args(&self.global).args(arguments).arg("--json");
        command::bounded(&mut command, &self.folder.join("output"), limit)
    }

    /// An organization of its own with one connection to a provider.
    pub(crate) fn connect(&self, slug: &str, provider: &str, protocol: &str) -> Result<Connection> {
        let name = format!("Organization {slug}");
        self.ask(&["organization", "create", &name, "--slug", slug])?;
        let created = self.ask(&[
            "connection",
            "create",
            "--organization",
            slug,
            "--provider",
            provider,
            "--protocol",
            protocol,
            // What is simulated and measured takes away as many people as it likes.
            "--removal-guard",
            "off",
        ])?;
        let text = |key: &str| {
            let value = created[key].as_str().map(str::to_owned);
            value.with_context(|| format!("`connection create --json` gave no `{key}`"))
        };
        Ok(Connection { base_url: text("base_url")?, token: text("token")? })
    }

    /// Stops the server and wants a clean end.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.end()
    }
}

/// The command that serves. Its log goes on where it was.
fn serve(
    binary: &Path,
    folder: &Path,
    global: &[String],
    environment: &[(String, String)],
    address: SocketAddr,
    log: &Path,
) -> Result<Command> {
    let output = File::options().create(true).append(true).open(log);
    let output = output.context("cannot write the server's log")?;
    let mut serve = program(binary, folder);
    serve
        .args(global)
        .args(["serve", "--listen", &address.to_string()])
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdout(output.try_clone()?)
        .stderr(output);
    Ok(serve)
}

/// The program without the settings of the person who runs us.
fn program(binary: &Path, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DOORWARD_") {
            command.env_remove(name);
        }
    }
    command
}

/// Whether `GET /readyz` answers 200.
fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<[u8; 12]> {
        let limit = Duration::from_secs(2);
        let mut stream = TcpStream::connect_timeout(&address, limit)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_write_timeout(Some(limit))?;
        let request =
            format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut start = [0; 12];
        stream.read_exact(&mut start)?;
        Ok(start)
    };
    ask().is_ok_and(|start| start.starts_with(b"HTTP/1.") && start.ends_with(b" 200"))
}
