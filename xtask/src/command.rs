//! Running other programs: shown, read, or bounded in time.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How often a waiting loop looks again.
pub(crate) const TICK: Duration = Duration::from_millis(50);

/// The command as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        let _ = write!(line, " {}", argument.to_string_lossy());
    }
    line
}

/// Shows the command, runs it with our own input and output, and fails when it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", line(command));
    let status = command.status().with_context(|| format!("cannot start {}", line(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", line(command));
    }
    Ok(())
}

/// Runs the command quietly and returns its standard output.
///
/// # Errors
///
/// Names the command and what it wrote to standard error.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start {}", line(command)))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({}): {}", line(command), output.status, complaint.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a bounded command left behind.
#[derive(Debug)]
pub(crate) struct Captured {
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// All of its standard output.
    pub(crate) output: String,
}

/// Runs the command with its standard output in the file `output`, for at most `limit`.
///
/// A file and not a pipe: no one has to read it while we watch the time.
///
/// # Errors
///
/// The command cannot start, or did not end in time; then it is killed by its id.
pub(crate) fn bounded(command: &mut Command, output: &Path, limit: Duration) -> Result<Captured> {
    let file =
        File::create(output).with_context(|| format!("cannot write {}", output.display()))?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file)
        .spawn()
        .with_context(|| format!("cannot start {}", line(command)))?;
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            bail!("`{}` did not end within {} s", line(command), limit.as_secs());
        }
        thread::sleep(TICK);
    };
    let output = fs::read(output).with_context(|| format!("cannot read {}", output.display()))?;
    Ok(Captured { status, output: String::from_utf8_lossy(&output).into_owned() })
}

/// The last lines of a log, for an error message.
pub(crate) fn tail(path: &Path, lines: usize) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let all: Vec<&str> = text.lines().collect();
    let skipped = all.len().saturating_sub(lines);
    format!("last lines of {}:\n{}", path.display(), all[skipped..].join("\n"))
}
