//! `doorward connection rename`, `set-profile`, `enable` and `disable`

use anyhow::Result;
use directory::{
    ConnectionId, Error, Installation, Writer,
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
    installation: &Installation,
    id: &str,
    mut work: impl FnMut(&mut Writer<'_>, ConnectionId) -> Result<Connection, Error> + Send + 'static,
) -> Result<Changed> {
    let (access, before) = find(installation, id).await?;
    let id = before.id;
    let (organization, after) = installation
        .store()
        .write(&access, move |writer| {
            let after = work(writer, id)?;
            Ok::<_, Error>((organization::get(writer)?, after))
        })
        .await?;
    Ok(Changed { organization, before, after })
}

pub(super) async fn rename(
    installation: &Installation,
    id: &str,
    name: Option<String>,
) -> Result<Answer> {
    let changed =
        change(installation, id, move |writer, id| connection::rename(writer, id, name.as_deref()))
            .await?;
    let Changed { organization, before, after } = &changed;
    let (id, organization) = (after.id, &organization.name);
    let same = before.name == after.name;
    let text = match (&after.name, same) {
        (Some(name), false) => format!("Connection {id} of {organization} has the name {name}."),
        (None, false) => format!("Connection {id} of {organization} has no name any more."),
        (Some(_), true) => {
            format!("Connection {id} of {organization} has that name already: nothing changed.")
        }
        (None, true) => {
            format!("Connection {id} of {organization} had no name: nothing changed.")
        }
    };
    Ok(changed.answer(!same, text))
}

pub(super) async fn enable(installation: &Installation, id: &str) -> Result<Answer> {
    let activate = |writer: &mut Writer<'_>, id| {
        connection::activate(writer, id).map(|(connection, _)| connection)
    };
    let changed = change(installation, id, activate).await?;
    let Changed { organization, before, after } = &changed;
    let (id, organization) = (after.id, &organization.name);
    let text = if before.state == State::Active {
        format!("Connection {id} of {organization} was in use already: nothing changed.")
    } else {
        format!("Connection {id} of {organization} is in use.")
    };
    Ok(changed.answer(before.state != State::Active, text))
}

pub(super) async fn disable(installation: &Installation, id: &str) -> Result<Answer> {
    let disable = |writer: &mut Writer<'_>, id| {
        connection::disable(writer, id).map(|(connection, _)| connection)
    };
    let changed = change(installation, id, disable).await?;
    let Changed { organization, before, after } = &changed;
    let (id, organization) = (after.id, &organization.name);
    let text = if before.state == State::Disabled {
        format!("Connection {id} of {organization} was switched off already: nothing changed.")
    } else {
        format!(
            "Connection {id} of {organization} is switched off: every request is refused from now \
             on. `doorward connection enable {id}` switches it on."
        )
    };
    Ok(changed.answer(before.state != State::Disabled, text))
}

pub(super) async fn set_profile(
    installation: &Installation,
    id: &str,
    choice: profile::Choice,
) -> Result<Answer> {
    let changed = change(installation, id, move |writer, id| {
        connection::set_profile(writer, id, choice.profile()).map(|(connection, _)| connection)
    })
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

pub(super) async fn set_ipsie(
    installation: &Installation,
    id: &str,
    ipsie: bool,
) -> Result<Answer> {
    let changed = change(installation, id, move |writer, id| {
        connection::set_ipsie(writer, id, ipsie).map(|(connection, _)| connection)
    })
    .await?;
    let Changed { organization, before, after } = &changed;
    let (id, organization) = (after.id, &organization.name);
    let text = match (before.ipsie == ipsie, ipsie) {
        (true, _) => {
            format!("Connection {id} of {organization} is like that already: nothing changed.")
        }
        (false, true) => format!(
            "Connection {id} of {organization} takes no API tokens and no secrets in bodies from now \
             on: its provider gets access tokens at /oauth/token (`doorward client create`)."
        ),
        (false, false) => format!("Connection {id} of {organization} takes API tokens again."),
    };
    Ok(changed.answer(before.ipsie != ipsie, text))
}
