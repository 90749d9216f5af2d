//! `doorward organization rename`

use anyhow::Result;
use directory::{Installation, organization};
use serde_json::json;

use super::{find, view};
use crate::answer::Answer;

pub(super) async fn run(installation: &Installation, slug: &str, name: String) -> Result<Answer> {
    let (access, before) = find(installation, slug).await?;
    let rename =
        installation.store().write(&access, move |writer| organization::rename(writer, &name));
    let after = rename.await?;
    let changed = before.name != after.name;
    let mut json = view(&after);
    json["changed"] = json!(changed);
    let text = if changed {
        format!("{} ({slug}) was called {} before.", after.name, before.name)
    } else {
        format!("{} ({slug}) has this name already: nothing changed.", after.name)
    };
    Ok(Answer::new(json, text))
}
