//! `doorward history user` and `doorward history group`

use std::{collections::BTreeSet, fmt::Write as _};

use anyhow::Result;
use directory::{
    Access, Error, EventNo, Installation, Reader, ResourceId, Store,
    event::Event,
    history::{self, Moment, Past, Then},
};
use serde_json::{Value as Json, json};

use super::{
    super::{
        connection::Names,
        group,
        organization::find,
        record::{PIECE, as_json},
        shown, user,
    },
    One,
};
use crate::{
    answer::Answer,
    listing::Listing,
    output::stream,
    problem::within,
    table::{self, cut, number, to_the_second, whole},
    words::count,
};

/// Whose past it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Family {
    User,
    Group,
}

pub(super) async fn run(
    installation: &Installation,
    options: &One,
    family: Family,
    json: bool,
) -> Result<Answer> {
    let (access, organization) = find(installation, &options.organization).await?;
    let (store, name) = (installation.store(), options.name.clone());
    let id = store.read(&access, move |reader| named(reader, family, &name)).await;
    let id = id.map_err(within(&organization.slug))?;
    match options.at {
        Some(at) => state(store, &access, (family, id, at)).await.map_err(Into::into),
        None => events(store, &access, id, json).await,
    }
}

/// The id of what is named, also where it was deleted.
fn named(reader: &mut Reader<'_>, family: Family, name: &str) -> Result<ResourceId, Error> {
    let found = match family {
        Family::User => user::named(reader, name).map(|user| user.id),
        Family::Group => group::named(reader, name).map(|group| group.id),
    };
    found.or_else(|error| ResourceId::parse(name).ok_or(error))
}

async fn events(store: &Store, access: &Access, id: ResourceId, json: bool) -> Result<Answer> {
    let names = Names::read(store, access).await?;
    let columns = [number("event"), whole("time"), cut("by"), cut("kind")];
    let row = |event: &Event| {
        [
            event.no.to_string(),
            to_the_second(&event.at.to_string()),
            names.principal(&event.principal),
            event.kind().name().to_owned(),
        ]
    };
    stream(async |output| {
        let head = json!({ "id": id.to_string() });
        let mut listing = Listing::begin(output, json, (&head, "events"), columns)?;
        let mut after = EventNo::START;
        loop {
            let read = move |reader: &mut Reader<'_>| history::events(reader, id, after, PIECE);
            let found = store.read(access, read).await?;
            let Some(last) = found.last() else { break };
            after = last.no;
            listing.page(&found, as_json, row)?;
        }
        Ok(listing.end(&json!({}), "")?)
    })
    .await
}

async fn state(
    store: &Store,
    access: &Access,
    (family, id, at): (Family, ResourceId, Moment),
) -> Result<Answer, Error> {
    let read = move |reader: &mut Reader<'_>| {
        let past = history::at(reader, at)?;
        match family {
            Family::User => Ok((past, history::user(reader, past, id)?, None)),
            Family::Group => {
                let then = history::group(reader, past, id)?;
                Ok::<_, Error>((past, then, Some(history::group_members(reader, past, id)?)))
            }
        }
    };
    let (past, then, members) = store.read_long(access, read).await?;
    Ok(Answer::new(view(past, &then, members.as_ref()), sheet(past, &then, members.as_ref())))
}

fn view(past: Past, then: &Then, members: Option<&BTreeSet<ResourceId>>) -> Json {
    let mut view = json!({
        "number": past.after,
        "id": then.id,
        "name": then.name(),
        "since": then.since.map(|(no, _)| no),
        "since_time": then.since.map(|(_, at)| at.to_string()),
        "attributes": then.attributes,
    });
    match members {
        Some(members) => view["members"] = json!(members),
        None => view["active"] = json!(then.is_active()),
    }
    view
}

fn sheet(past: Past, then: &Then, members: Option<&BTreeSet<ResourceId>>) -> String {
    let since = match then.since {
        Some((no, at)) => format!("event {no}, {at}"),
        None => "an event that is not kept any more".to_owned(),
    };
    let state = match members {
        Some(members) => ("members", count(members.len() as u64, "member")),
        None if then.is_active() => ("state", "active".to_owned()),
        None => ("state", "archived".to_owned()),
    };
    let head = table::sheet([
        ("id", then.id.to_string()),
        ("after event", past.after.to_string()),
        ("so since", since),
        state,
    ]);
    let mut text = format!("{}\n\n{head}\n", then.name());
    for (extension, lines) in shown::lines(&then.attributes) {
        if let Some(urn) = extension {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "\n{urn}");
        }
        let lines = lines.iter().map(|(path, value)| (path.as_str(), value.as_str()));
        text.push_str(&table::sheet(lines));
    }
    text
}
