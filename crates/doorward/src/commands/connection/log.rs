//! `doorward connection log`

use anyhow::Result;
use clap::Args;
use directory::{
    Installation,
    sync_log::{self, Entry},
};
use serde_json::{Value as Json, json};

use super::find;
use crate::{
    answer::Answer,
    listing::Listing,
    output::stream,
    table::{cut, number, to_the_second, whole, wrapped},
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
    let columns = [
        whole("time"),
        whole("method"),
        cut("path"),
        number("status"),
        number("ms"),
        wrapped("what was said"),
    ];
    let (mut last, mut left): (Option<Entry>, u32) = (None, options.limit);
    stream(async |output| {
        let head = json!({ "connection": id });
        let mut listing = Listing::begin(output, json, (&head, "requests"), columns)?;
        while left > 0 {
            let (connection, before) = (connection.clone(), last.clone());
            let count = left.min(PIECE);
            let read = installation.store().read(&access, move |reader| {
                sync_log::before(reader, &connection, before.as_ref().map(Entry::key), count)
            });
            let entries = read.await?;
            listing.page(&entries, as_json, row)?;
            let Some(oldest) = entries.into_iter().next_back() else { break };
            last = Some(oldest);
            left -= count;
        }
        let none = format!("Connection {id} has made no request yet.\n");
        Ok(listing.end(&json!({}), if last.is_none() { &none } else { "" })?)
    })
    .await
}

/// A request, for programs.
fn as_json(entry: &Entry) -> Json {
    let Entry { token, served, .. } = entry;
    json!({
        "time": served.at.to_string(),
        "request": served.request.to_string(),
        "token": token,
        "method": served.method,
        "path": served.path,
        "target": served.target,
        "status": served.status,
        "microseconds": served.micros,
        "detail": served.detail,
        "notes": served.notes,
    })
}

fn row(Entry { served, .. }: &Entry) -> [String; 6] {
    let said: Vec<&str> = served.detail.iter().chain(&served.notes).map(String::as_str).collect();
    [
        to_the_second(&served.at.to_string()),
        served.method.clone(),
        served.path.clone(),
        served.status.to_string(),
        (served.micros / 1_000).to_string(),
        if said.is_empty() { "-".to_owned() } else { said.join(" ") },
    ]
}
