//! [`Place`]: a directory in which the real binary runs, and what came of it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

const SERVE: [&str; 4] = ["serve", "--listen", "127.0.0.1:0", "--json"];

/// A working directory of its own; the store is `doorward-data` in it, or a PostgreSQL database.
pub(crate) struct Place {
    directory: TempDir,
    database: Option<String>,
}

/// What a command printed, and how it ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory"), database: None }
    }

    /// A place whose store is in PostgreSQL.
    pub(crate) fn on(database: String) -> Self {
        Self { database: Some(database), ..Self::new() }
    }

    /// A place with the organization `acme`.
    pub(crate) fn with_acme() -> Self {
        let place = Self::new();
        place.json(&["organization", "create", "Acme Corporation", "--slug", "acme"]);
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("doorward-data")
    }

    /// The binary, without the settings of whoever runs the tests.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.prepared(Command::new(env!("CARGO_BIN_EXE_doorward")), arguments)
    }

    fn prepared(&self, mut command: Command, arguments: &[&str]) -> Command {
        command.args(arguments).current_dir(self.path()).env_clear().stdin(Stdio::null());
        if let Some(database) = &self.database {
            command.env("DOORWARD_DATABASE_URL", database);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = self.command(arguments);
        let output = command.envs(variables.iter().copied()).output().expect("it starts");
        let text = |bytes| String::from_utf8(bytes).expect("text");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Ran { code: output.status.code(), stdout, stderr }
    }

    /// What a command says to people when all went well.
    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// What a command says to programs when all went well.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat());
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran.object()
    }

    /// What a command says to programs piece by piece, on several lines.
    pub(crate) fn streamed(&self, arguments: &[&str]) -> Value {
        let text = self.text(&[arguments, &["--json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The sentence of a command that failed: the same for programs and for people.
    pub(crate) fn error(&self, arguments: &[&str]) -> String {
        let ran = self.run(&[&["--json"], arguments].concat());
        assert_eq!(ran.code, Some(1), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        let object = ran.object();
        let keys: Vec<_> = object.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["error"]);
        let sentence = object["error"].as_str().expect("a sentence").to_owned();
        let ran = self.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert_eq!(ran.stderr, format!("error: {sentence}\n"), "{arguments:?}");
        sentence
    }

    /// A connection of `acme` that may take away as many people as it likes, as it was told: `id`,
    /// `base_url`, `token`.
    pub(crate) fn connect(&self) -> Value {
        let create = ["connection", "create", "--organization", "acme"];
        self.json(&[&create[..], &["--removal-guard", "off"]].concat())
    }

    /// A server on the store, ready for requests.
    pub(crate) fn serve(&self) -> Running {
        let running = self.start(self.command(&SERVE));
        assert_eq!(running.ready["public_url"], format!("http://{}", running.address));
        running
    }

    /// The same, with further flags, which come last and so are believed.
    pub(crate) fn serve_with(&self, flags: &[&str]) -> Running {
        let port = ["--listen", "127.0.0.1:0"];
        let port = if flags.contains(&"--listen") { &[][..] } else { &port };
        self.start(self.command(&[&["serve", "--json"], port, flags].concat()))
    }

    /// The same, and none of its files may become larger than so many KB. (A limit of a shell is
    /// in blocks of 512 bytes.)
    pub(crate) fn serve_limited(&self, most: u32) -> Running {
        self.start(self.limited(&format!("trap '' XFSZ; ulimit -f {}", 2 * most), &SERVE))
    }

    /// A server that may have so many file descriptors.
    pub(crate) fn serve_with_descriptors(&self, most: u64) -> Running {
        self.start(self.limited(&format!("ulimit -n {most}"), &SERVE))
    }

    /// The binary under limits that a shell sets.
    pub(crate) fn limited(&self, limits: &str, arguments: &[&str]) -> Command {
        let mut shell = Command::new("/bin/sh");
        let script = format!("{limits}; exec \"$@\"");
        shell.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_doorward")]);
        self.prepared(shell, arguments)
    }

    fn start(&self, mut command: Command) -> Running {
        let log = fs::File::create(self.path().join("log")).expect("a file");
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("it starts");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("it is piped"));
        stdout.read_line(&mut line).expect("it can be read");
        let mut running = Running::new(child);
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            panic!("the server did not start: {line}{}", self.log());
        });
        ready["address"].as_str().expect("an address").clone_into(&mut running.address);
        running.ready = ready;
        running
    }

    /// What the server wrote.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path().join("log")).expect("a log")
    }

    /// The files below the working directory that hold a text.
    pub(crate) fn holding(&self, text: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut open = vec![self.path().to_owned()];
        while let Some(directory) = open.pop() {
            for entry in fs::read_dir(directory).expect("a directory") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    open.push(path);
                } else if contains(&fs::read(&path).expect("a file"), text.as_bytes()) {
                    found.push(path);
                }
            }
        }
        found
    }
}

pub(crate) fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

impl Ran {
    /// The one JSON object on standard output.
    pub(crate) fn object(&self) -> Value {
        assert_eq!(self.stdout.matches('\n').count(), 1, "one line: {}", self.stdout);
        let value: Value = serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr));
        assert!(value.is_object(), "{value}");
        value
    }
}

/// A process that is killed at the end of the test.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// What the server said when it was ready.
    pub(crate) ready: Value,
    address: String,
}

impl Running {
    pub(crate) fn new(child: Child) -> Self {
        Self { child, ready: Value::Null, address: String::new() }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The status of the answer to a SCIM request.
    pub(crate) fn status(&self, method: &str, path: &str, token: &str, body: &str) -> u16 {
        let answer = self.answer(method, path, token, body);
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok());
        status.unwrap_or_else(|| panic!("no answer: {answer}"))
    }

    /// The answer to a SCIM request, as it came over the wire.
    pub(crate) fn answer(&self, method: &str, path: &str, token: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("it listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time limit");
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/scim+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n\
             {body}",
            self.address,
            body.len()
        )
        .expect("it reads");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Whether a token opens the door.
    pub(crate) fn users(&self, token: &str) -> u16 {
        self.status("GET", "/scim/v2/Users?startIndex=1&count=2", token, "")
    }

    /// Sends a signal, and waits for the end of the process.
    pub(crate) fn end(&mut self, signal: &str) -> Option<i32> {
        let process = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &process]).status().expect("it starts");
        assert!(sent.success());
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.child.try_wait().expect("it is ours") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it did not end");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
