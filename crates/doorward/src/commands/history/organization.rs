//! `doorward history organization` and `doorward history snapshot`

use anyhow::Result;
use directory::{
    Installation, Reader,
    history::{self, Counted},
};
use serde_json::{Value as Json, json};

use super::{super::organization::find, Past};
use crate::{
    answer::Answer,
    output::stream,
    table::{self, number, whole},
    words::count,
};

pub(super) async fn show(installation: &Installation, options: &Past) -> Result<Answer> {
    let (access, organization) = find(installation, &options.slug).await?;
    let at = options.at;
    let counted = installation.store().read_long(&access, move |reader: &mut Reader<'_>| {
        let past = history::at(reader, at)?;
        history::counted(reader, past)
    });
    let Counted { past, at, users, groups, since } = counted.await?;
    let at = at.map(|time| time.to_string());
    let events: serde_json::Map<String, Json> =
        since.iter().map(|(kind, events)| (kind.name().to_owned(), json!(events))).collect();
    let json = json!({
        "organization": organization.slug.as_str(),
        "number": past.after,
        "time": at,
        "users": users,
        "groups": groups,
        "newest": past.newest,
        "pruned": past.pruned,
        "since": events,
    });
    let when = at.map(|time| format!(", {time}")).unwrap_or_default();
    let head = format!(
        "{} after event {}{when}: {}, {}.\n",
        organization.name,
        past.after,
        count(users, "user"),
        count(groups, "group"),
    );
    if since.is_empty() {
        return Ok(Answer::new(json, format!("{head}Nothing has happened since.")));
    }
    let rows = since.iter().map(|(kind, events)| [kind.name().to_owned(), events.to_string()]);
    let table = table::columns([whole("since then"), number("events")], rows);
    Ok(Answer::new(json, format!("{head}\n{table}")))
}

/// Lines of JSON are for programs, with `--json` or without.
pub(super) async fn tell(installation: &Installation, options: &Past) -> Result<Answer> {
    let (access, _) = find(installation, &options.slug).await?;
    let (store, at) = (installation.store().clone(), options.at);
    let (pieces, mut told) = tokio::sync::mpsc::channel::<String>(2);
    let take = move |piece: String| pieces.blocking_send(piece).is_ok();
    let telling = tokio::spawn(async move { history::tell(&store, &access, at, take).await });
    stream(async |output| {
        while let Some(piece) = told.recv().await {
            output.text(&piece)?;
        }
        Ok(telling.await??)
    })
    .await
}
