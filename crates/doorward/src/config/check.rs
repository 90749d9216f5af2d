//! [`check()`]: what is valid and still looks wrong.

use std::{
    fmt,
    fs::{self, File},
    io,
    path::Path,
};

use super::{Chosen, Config, Origin};
use crate::descriptors;

/// Something to look at before an identity provider does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What it is, and what to do about it.
    pub message: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It works, though perhaps not as meant.
    Warning,
    /// It does not work.
    Error,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Warning => "warning",
            Level::Error => "error",
        };
        write!(f, "{level}: {}", self.message)
    }
}

/// Looks at a valid configuration, and at the places it names.
#[must_use]
pub fn check(config: &Config) -> Vec<Finding> {
    let mut findings = Findings(Vec::new());
    for problem in config.unknown_variables() {
        findings.error(problem.to_string());
    }
    store(config, &mut findings);
    network(config, &mut findings);
    connections(config, &mut findings);
    findings.0
}

struct Findings(Vec<Finding>);

impl Findings {
    fn error(&mut self, message: impl Into<String>) {
        self.0.push(Finding { level: Level::Error, message: message.into() });
    }

    fn warning(&mut self, message: impl Into<String>) {
        self.0.push(Finding { level: Level::Warning, message: message.into() });
    }
}

fn store(config: &Config, findings: &mut Findings) {
    let store = &config.store;
    if let (Some(data), Some(database_url)) = (&store.data, &store.database_url) {
        let used = match store.chosen {
            Chosen::Data(_) => "data",
            Chosen::Database(_) => "database_url",
        };
        findings.warning(format!(
            "Both `data` ({data}) and `database_url` ({database_url}) are set. `{used}` is used; \
             remove the other."
        ));
    }
    match &store.chosen {
        Chosen::Data(directory) => {
            let shown = directory.display();
            if let Err(reason) = writable(directory) {
                findings.error(format!("The data directory {shown} cannot be used: {reason}."));
            }
            if open_to_others(directory, 0o077) {
                findings.warning(format!(
                    "The data directory {shown} is open to other users of this machine, and holds \
                     the data of every organization. Run: chmod 700 {shown}"
                ));
            }
        }
        Chosen::Database(url) if url.has_password() => match &store.database_url {
            Some(Origin::Flag(_)) => findings.warning(
                "`--database-url` holds a password, which every user of this machine can see in \
                 the list of processes. Use the variable DOORWARD_DATABASE_URL.",
            ),
            Some(Origin::File { path, .. }) if open_to_others(path, 0o044) => {
                let path = path.display();
                findings.warning(format!(
                    "{path} holds the password of the database and can be read by other users of \
                     this machine. Run: chmod 600 {path}"
                ));
            }
            _ => {}
        },
        Chosen::Database(_) => {}
    }
}

fn network(config: &Config, findings: &mut Findings) {
    let network = &config.network;
    let url = &network.public_url_at(network.listen);
    if url.is_unspecified() {
        findings.error(format!(
            "The public address is {url}, to which no one can connect. Set `public_url` to the \
             address that identity providers use."
        ));
    } else if !url.is_secure() && !url.is_loopback() {
        findings.warning(format!(
            "The public address {url} is not https. Okta requires https, and without it anyone on \
             the way can read the tokens."
        ));
    }
    let trusted = network.trusted_proxies.networks();
    if url.is_secure() && trusted.is_empty() {
        findings.warning(
            "The public address is https, so a proxy stands before this server, but \
             `trusted_proxies` is empty: every request will seem to come from the proxy.",
        );
    }
    if trusted.iter().any(|network| network.prefix_len() == 0) {
        findings.warning(
            "`trusted_proxies` trusts every address: anyone can claim to come from anywhere.",
        );
    }
}

fn connections(config: &Config, findings: &mut Findings) {
    let wanted = config.limits.connections;
    if let Some(most) = descriptors::most().filter(|most| *most < descriptors::needed(wanted)) {
        findings.warning(format!(
            "The system allows {most} file descriptors, and `limits.connections` = {wanted} needs \
             {}: a server takes {} connections, and further ones wait. Raise the limit (`ulimit -n`, \
             `LimitNOFILE=` of systemd), or lower `limits.connections`.",
            descriptors::needed(wanted),
            descriptors::room(most)
        ));
    }
}

/// Whether files can be made in a directory, or where it would be made. It leaves nothing there.
fn writable(directory: &Path) -> Result<(), String> {
    let existing = directory.ancestors().find(|path| path.exists());
    let existing = match existing {
        Some(path) if !path.as_os_str().is_empty() => path,
        // A relative path of which nothing exists is made in the working directory.
        _ => Path::new("."),
    };
    if !existing.is_dir() {
        return Err(format!("{} is not a directory", existing.display()));
    }
    let probe = existing.join(format!(".doorward-check-{}", std::process::id()));
    let written = File::create_new(&probe).and_then(|_| fs::remove_file(&probe));
    written.map_err(|error: io::Error| format!("{}: {error}", existing.display()))
}

/// Whether something is there, and its mode has one of these bits.
#[cfg(unix)]
fn open_to_others(path: &Path, bits: u32) -> bool {
    use std::os::unix::fs::PermissionsExt;

    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & bits != 0)
}

#[cfg(not(unix))]
fn open_to_others(_: &Path, _: u32) -> bool {
    false
}
