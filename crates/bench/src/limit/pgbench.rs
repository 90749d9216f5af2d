//! `pgbench`: single-row commits, as many clients as wanted.

use std::{fs, path::Path, process::Command, time::Duration};

use anyhow::{Context as _, Result, bail};

use crate::{rate::Spurt, site::Pgbench};

/// A row about as long as a user's document.
const SCRIPT: &str = "insert into single_row (body) values (repeat('abcdefghij', 100));\n";
const TABLE: &str = "create table single_row (no bigserial primary key, body text not null)";

impl Pgbench {
    /// Makes the table.
    pub(crate) fn prepare(&self, folder: &Path) -> Result<()> {
        fs::write(folder.join("single_row.sql"), SCRIPT)?;
        let mut psql = Command::new(self.programs.join("psql"));
        read(psql.args(["--quiet", "--no-psqlrc", "--command", TABLE, &self.url])).map(drop)
    }

    /// Lets so many clients commit rows for some time, which is in whole seconds here.
    pub(crate) fn spurt(&self, folder: &Path, clients: usize, time: Duration) -> Result<Spurt> {
        let clients = clients.to_string();
        let seconds = time.as_secs().max(1).to_string();
        let threads = if clients == "1" { "1" } else { "2" };
        let mut pgbench = Command::new(self.programs.join("pgbench"));
        pgbench
            .args(["--no-vacuum", "--protocol=prepared", "--client", &clients])
            .args(["--jobs", threads, "--time", &seconds, "--file"])
            .arg(folder.join("single_row.sql"))
            .arg(&self.url);
        let text = read(&mut pgbench)?;
        parse(&text).with_context(|| format!("pgbench told no rate: {text}"))
    }
}

fn read(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn parse(text: &str) -> Option<Spurt> {
    let after = |start: &str| text.lines().find_map(|line| line.strip_prefix(start));
    let word = |rest: &str| rest.split_ascii_whitespace().next().map(str::to_owned);
    let rate: f64 = word(after("tps = ")?)?.parse().ok()?;
    let latency: f64 = word(after("latency average = ")?)?.parse().ok()?;
    let done = after("number of transactions actually processed: ")?;
    let done: usize = done.split('/').next()?.trim().parse().ok()?;
    let mut spurt = Spurt { done, ..Spurt::default() };
    spurt.elapsed = Duration::from_secs_f64(crate::figures::number(done) / rate);
    spurt.times.push(Duration::from_secs_f64(latency / 1e3));
    Some(spurt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read() {
        let text = "transaction type: single_row.sql\nnumber of transactions actually processed: \
                    1500\nnumber of failed transactions: 0 (0.000%)\nlatency average = 21.500 ms\n\
                    initial connection time = 12.000 ms\n\
                    tps = 750.000000 (without initial connection time)\n";
        let spurt = parse(text).unwrap();
        assert_eq!((spurt.done, spurt.elapsed), (1_500, Duration::from_secs(2)));
        assert_eq!(spurt.times.median(), Duration::from_micros(21_500));
        assert!(parse("pgbench: error").is_none());
    }
}
