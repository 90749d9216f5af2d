//! `doorward connection rename`, `set-profile`, `enable` and `disable`

use anyhow::Result;
use directory::{
    Actor, ConnectionId, Error, Store, Writer,
    connection::{self, Connection, State},
    organization::{self, Organization},
};
use serde_json::json;

use super::{find, profile, view};
use crate::answer::Answer;

/// A connection before and after a command.
struct Changed {
    organization: Organization,
    before: Connection,
    after: Connection,
}

impl Changed {
    /// The connection for programs, and whether the command changed something.
    fn answer(&self, changed: bool, text: String) -> Answer {
        let mut json = view(&self.organization, &self.after);
        json["changed"] = json!(changed);
        Answer::new(json, text)
    }
}

async fn change(
    store: &Store,
    id: &str,
    mut work: impl FnMut(&mut Writer<'_>, ConnectionId) -> Result<Connection, Error> + Send + 'static,
) -> Result<Changed> {
    let (tenant, before) = find(store, id).await?;
    let id = before.id;
    let (organization, after) = store
        .write(&tenant, &Actor::Operator, move |writer| {
            let after = work(writer, id)?;
            Ok((organization::get(writer)?, after))
        })
        .await?;
    Ok(Changed { organization, before, after })
}

pub(super) async fn rename(store: &Store, id: &str, name: String) -> Result<Answer> {
    let changed =
        change(store, id, move |writer, id| connection::rename(writer, id, &name)).await?;
    let Changed { organization, before, after } = &changed;
    let (id, name) = (after.id, after.name.as_deref().unwrap_or_default());
    let same = before.name == after.name;
    let text = if same {
        format!("Connection {id} of {} has that name already: nothing changed.", organization.name)
    } else {
        format!("Connection {id} of {} has the name {name}.", organization.name)
    };
    Ok(changed.answer(!same, text))
}

pub(super) async fn set_enabled(store: &Store, id: &str, enabled: bool) -> Result<Answer> {
    let changed =
        change(store, id, move |writer, id| connection::set_enabled(writer, id, enabled)).await?;
    let Changed { organization, before, after } = &changed;
    let (id, same) = (after.id, before.state == after.state);
    let text = match (after.state, same) {
        (State::Disabled, false) => format!(
            "Connection {id} of {} is switched off: every request is refused from now on. \
             `doorward connection enable {id}` switches it on.",
            organization.name
        ),
        (State::Disabled, true) => format!(
            "Connection {id} of {} was switched off already: nothing changed.",
            organization.name
        ),
        (_, false) => format!("Connection {id} of {} is in use.", organization.name),
        (_, true) => {
            format!("Connection {id} of {} was in use already: nothing changed.", organization.name)
        }
    };
    Ok(changed.answer(!same, text))
}

pub(super) async fn set_profile(
    store: &Store,
    id: &str,
    choice: profile::Choice,
) -> Result<Answer> {
    let changed =
        change(store, id, move |writer, id| connection::set_profile(writer, id, choice.profile()))
            .await?;
    let Changed { organization, before, after } = &changed;
    let (id, profile) = (after.id, profile::described(after));
    let same = before.profile == after.profile;
    let text = if same {
        format!(
            "Connection {id} of {} has the profile {profile} already: nothing changed.",
            organization.name
        )
    } else {
        format!(
            "Connection {id} of {} has the profile {profile} from its next request on.",
            organization.name
        )
    };
    Ok(changed.answer(!same, text))
}
