//! `doorward copy`

use std::{fmt::Write as _, path::PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use directory::{Error, Transfer, Transferred, Unusable};
use doorward::config::{Chosen, Config, DatabaseUrl};
use serde_json::json;

use super::{progress, store, verify};
use crate::{
    answer::Answer,
    table::{self, number, whole},
    words::count,
};

/// `doorward copy`
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Where to: `postgres://...`, or a data directory where the store is in PostgreSQL
    #[arg(long, value_name = "URL|DIR")]
    to: String,
}

/// Copies all of the store to an empty one on the other engine, compares every row of both, and checks the copy. What
/// was cut off goes on where it ended.
pub(crate) async fn run(options: Options, config: &Config) -> Result<Answer> {
    let target = target(&options.to, config)?;
    let (from, to) = (store::location(config), store::location(&target));
    let bar = progress::bar(0);
    let moved = bar.clone();
    let copied = tokio::task::spawn_blocking(move || {
        from.copy_to(&to, &mut |Transfer { table, tables: (done, of), rows }| {
            moved.set_length(of as u64);
            moved.set_position(done as u64);
            moved.set_message(format!("{table}, {rows} rows"));
        })
    });
    let copied = copied.await.context("the copy was cut off")?;
    bar.finish_and_clear();
    let copied = copied.map_err(|error| refused(config, &target, error))?;
    let copy = store::open_copy(&target, store::location(&target)).await?;
    let checked = verify::check(&store::installation(&copy), None).await;
    store::close(copy).await?;
    let checked = checked?;
    if let Some(what) = checked.first_wrong() {
        bail!(
            "every row is copied, and what is copied is not sound: {what}; `doorward verify` tells \
             whether the source is"
        );
    }
    Ok(answer(&copied, &target, checked.organizations()))
}

/// The configuration with the other store.
fn target(to: &str, config: &Config) -> Result<Config> {
    let mut target = config.clone();
    target.store.chosen = if to.contains("://") {
        let url = DatabaseUrl::parse(to).map_err(|why| anyhow!("`--to` {why}"))?;
        Chosen::Database(url)
    } else {
        Chosen::Data(PathBuf::from(to))
    };
    Ok(target)
}

fn refused(source: &Config, target: &Config, error: Error) -> anyhow::Error {
    match &error {
        Error::Unusable(Unusable::Occupied) => anyhow!(
            "{} holds data already; a copy is made into an empty store only",
            store::place(target)
        ),
        Error::Invalid { .. } => anyhow!(
            "both stores are on the same engine; between directories use `doorward backup` and \
             `restore`, between PostgreSQL servers pg_dump and pg_restore"
        ),
        Error::Unusable(_) => store::unopened(source, error),
        _ => anyhow::Error::from(error).context(format!("cannot copy to {}", store::place(target))),
    }
}

fn answer(copied: &[Transferred], target: &Config, organizations: usize) -> Answer {
    let (place, rows) = (store::place(target), copied.iter().map(|table| table.rows).sum::<u64>());
    let filled = copied.iter().filter(|table| table.rows > 0);
    let mut text = table::columns(
        [whole("table"), number("rows")],
        filled.map(|Transferred { table, rows }| [(*table).to_owned(), rows.to_string()]),
    );
    // Writing to a text cannot fail.
    let _ = write!(
        text,
        "\n{place} holds {} in {} now; all were compared, and the copy is sound.\nServe it with: {} \
         serve",
        count(rows, "row"),
        count(organizations as u64, "organization"),
        store::command(target)
    );
    let tables: Vec<_> = copied
        .iter()
        .map(|Transferred { table, rows }| json!({ "table": table, "rows": rows }))
        .collect();
    let json =
        json!({ "to": place, "rows": rows, "tables": tables, "organizations": organizations });
    Answer::new(json, text)
}
