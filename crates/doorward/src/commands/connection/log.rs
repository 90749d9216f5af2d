//! `doorward connection log`

use anyhow::Result;
use clap::Args;
use directory::{
    Installation,
    sync_log::{self, Entry},
};
use serde_json::{Value as Json, json};

use super::{super::event::to_the_second, find};
use crate::{
    answer::Answer,
    output::stream,
    table::{Table, cut, number, whole, wrapped},
};

/// `doorward connection log`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Its id
    id: String,
    /// How many requests are shown, at most
    #[arg(long, value_name = "N", default_value_t = 100,
          value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// So many entries are read at a time.
const PIECE: u32 = 500;

pub(super) async fn run(
    installation: &Installation,
    options: &Options,
    json: bool,
) -> Result<Answer> {
    let (access, connection) = find(installation, &options.id).await?;
    let id = connection.id.to_string();
    let mut left = options.limit;
    stream(async |output| {
        let mut table = Table::new([
            whole("time"),
            whole("method"),
            cut("path"),
            number("status"),
            number("ms"),
            wrapped("what was said"),
        ]);
        if json {
            output.begin(&json!({ "connection": id }))?;
            output.list("requests")?;
        }
        let mut last: Option<Entry> = None;
        while left > 0 {
            let (connection, before) = (connection.clone(), last.clone());
            let count = left.min(PIECE);
            let entries = installation
                .store()
                .read(&access, move |reader| {
                    sync_log::before(reader, &connection, before.as_ref(), count)
                })
                .await?;
            if json {
                for entry in &entries {
                    output.element(&as_json(entry).to_string())?;
                }
            } else if !entries.is_empty() {
                output.text(&table.page(entries.iter().map(row)))?;
            }
            let Some(oldest) = entries.into_iter().next_back() else { break };
            last = Some(oldest);
            left -= count;
        }
        if json {
            output.end_list()?;
            output.end(&json!({}))?;
        } else if last.is_none() {
            output.text(&format!("Connection {id} has made no request yet.\n"))?;
        }
        Ok(())
    })
    .await
}

/// A request, for programs.
fn as_json(entry: &Entry) -> Json {
    json!({
        "time": entry.at.to_string(),
        "request": entry.request.to_string(),
        "token": entry.token,
        "method": entry.method,
        "path": entry.path,
        "target": entry.target,
        "status": entry.status,
        "microseconds": entry.micros,
        "detail": entry.detail,
        "notes": entry.notes,
    })
}

fn row(entry: &Entry) -> [String; 6] {
    let said: Vec<&str> = entry.detail.iter().chain(&entry.notes).map(String::as_str).collect();
    [
        to_the_second(&entry.at.to_string()),
        entry.method.clone(),
        entry.path.clone(),
        entry.status.to_string(),
        (entry.micros / 1_000).to_string(),
        if said.is_empty() { "-".to_owned() } else { said.join(" ") },
    ]
}
