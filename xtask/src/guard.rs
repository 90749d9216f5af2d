//! Processes and folders that must not outlive the run.
//!
//! [`Guarded`] stops its process when it is dropped, so also on an error and on a panic. It cannot
//! act when xtask itself is killed or interrupted. For that a small shell, the janitor, waits on a
//! pipe from us: when the pipe closes without a word, it stops the process and deletes the folder.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::command::{self, TICK};
use crate::machine;

/// `$1` is the process, `$2` the signal that ends it, `$3` the folder. The word `done` says that the process has ended,
/// `kept` that the next one has the folder now.
const JANITOR: &str = r#"
trap '' INT TERM HUP
word=
read -r word
if [ "$word" = kept ]; then
  exit 0
fi
if [ "$word" != done ]; then
  kill -s "$2" "$1" 2>/dev/null
  turns=0
  while kill -0 "$1" 2>/dev/null && [ "$turns" -lt 100 ]; do
    sleep 0.1
    turns=$((turns + 1))
  done
  kill -KILL "$1" 2>/dev/null
fi
rm -rf -- "$3"
"#;

/// How a process is asked to end.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Signal {
    /// As ctrl-c; PostgreSQL's fast shutdown.
    Interrupt,
    /// As a service manager does.
    Terminate,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "INT",
            Self::Terminate => "TERM",
        }
    }
}

/// A process of ours with its folder; both are gone after the drop.
#[derive(Debug)]
pub(crate) struct Guarded {
    child: Child,
    janitor: Child,
    folder: PathBuf,
    signal: Signal,
    patience: Duration,
}

impl Guarded {
    /// Starts the command. `folder` is deleted at the end; `signal` and `patience` say how the
    /// process is stopped.
    pub(crate) fn start(
        command: &mut Command,
        folder: &Path,
        signal: Signal,
        patience: Duration,
    ) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", command::line(command)))?;
        let janitor = Command::new("sh")
            .args(["-c", JANITOR, "janitor", &child.id().to_string(), signal.name()])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        match janitor {
            Ok(janitor) => {
                let folder = folder.to_owned();
                Ok(Self { child, janitor, folder, signal, patience })
            }
            Err(error) => {
                let _ = child.kill();
                let _ = child.wait();
                let _ = fs::remove_dir_all(folder);
                Err(error).context("cannot start sh")
            }
        }
    }

    /// The id of the process.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// How the process ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits for the end of the process, however long that takes.
    pub(crate) fn wait(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait()?)
    }

    /// Kills the process, as a machine that fails does: it learns nothing of it. The folder stays.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.child.kill().context("cannot kill")?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts the next process in the same folder, after this one has ended.
    pub(crate) fn succeed(&mut self, command: &mut Command) -> Result<()> {
        let next = Self::start(command, &self.folder, self.signal, self.patience)?;
        let mut before = std::mem::replace(self, next);
        // Two janitors of one folder: the first to go must leave it.
        before.dismiss("kept");
        Ok(())
    }

    /// Tells the janitor what became of the process and the folder, and waits for its end.
    fn dismiss(&mut self, word: &str) {
        if let Some(mut pipe) = self.janitor.stdin.take() {
            let _ = writeln!(pipe, "{word}");
        }
        let _ = self.janitor.wait();
    }

    /// Asks the process to end; kills it when it has not ended in time.
    pub(crate) fn stop(&mut self) -> Result<ExitStatus> {
        if let Some(status) = self.ended()? {
            return Ok(status);
        }
        machine::signal(self.process(), self.signal.name())?;
        let start = Instant::now();
        while start.elapsed() < self.patience {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            thread::sleep(TICK);
        }
        self.child.kill()?;
        Ok(self.child.wait()?)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if self.stop().is_err() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        // Once more does no harm.
        self.dismiss("done");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder =
            std::env::temp_dir().join(format!("doorward-guard-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn the_drop_ends_the_process_and_deletes_the_folder() {
        let folder = folder("drop");
        let patience = Duration::from_secs(5);
        let mut sleep = Command::new("sleep");
        let guard = Guarded::start(sleep.arg("60"), &folder, Signal::Terminate, patience).unwrap();
        let process = guard.process();
        drop(guard);
        let alive = Command::new("sh")
            .args(["-c", &format!("kill -0 {process} 2>/dev/null")])
            .status()
            .unwrap();
        assert!(!alive.success());
        assert!(!folder.exists());
    }

    #[test]
    fn the_next_process_keeps_the_folder() {
        let folder = folder("next");
        let patience = Duration::from_secs(5);
        let sleep = || {
            let mut sleep = Command::new("sleep");
            sleep.arg("60");
            sleep
        };
        let mut guard = Guarded::start(&mut sleep(), &folder, Signal::Terminate, patience).unwrap();
        let first = guard.process();
        guard.kill().unwrap();
        guard.succeed(&mut sleep()).unwrap();
        assert!(folder.exists());
        assert_ne!(guard.process(), first);
        assert!(guard.ended().unwrap().is_none());
        drop(guard);
        assert!(!folder.exists());
    }

    #[test]
    fn the_janitor_acts_when_nobody_said_done() {
        let folder = folder("janitor");
        let patience = Duration::from_secs(5);
        let mut sleep = Command::new("sleep");
        let mut guard =
            Guarded::start(sleep.arg("60"), &folder, Signal::Terminate, patience).unwrap();
        // What happens to the pipe when xtask is killed.
        drop(guard.janitor.stdin.take());
        let status = guard.wait().unwrap();
        assert!(!status.success());
        guard.janitor.wait().unwrap();
        assert!(!folder.exists());
    }
}
