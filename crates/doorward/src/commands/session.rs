//! `doorward session`

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use directory::{
    Error, Installation, SessionId, User,
    session::{self, Session},
};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::{
    organization::find,
    store::{self, Missing},
    user,
};
use crate::{
    answer::Answer,
    listing::Listing,
    output::stream,
    problem::within,
    table::{cut, to_the_second, whole},
};

/// So many are read at a time.
const PIECE: u32 = 500;

/// `doorward session`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Who is signed in
    List(Whose),
    /// Sign people out: one session, or all of a user
    Revoke {
        #[command(flatten)]
        whose: Whose,
        /// The one session with this id
        #[arg(long, value_name = "ID", conflicts_with = "user", required_unless_present = "user")]
        id: Option<String>,
    },
}

/// Whose sessions.
#[derive(Debug, Args)]
pub(crate) struct Whose {
    /// Short name of the organization
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// Of one user: its userName, or its id
    #[arg(long, value_name = "USERNAME")]
    user: Option<String>,
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |installation| match command {
        Command::List(whose) => list(installation, config, whose, json).await,
        Command::Revoke { whose, id: Some(id) } => revoke_one(installation, &whose, &id).await,
        Command::Revoke { whose, id: None } => revoke_all(installation, whose).await,
    })
    .await
}

async fn list(
    installation: &Installation,
    config: &Config,
    whose: Whose,
    json: bool,
) -> Result<Answer> {
    let (access, organization) = find(installation, &whose.organization).await?;
    let (store, policy) = (installation.store(), config.sessions);
    let now = store.clock().now();
    let head = json!({ "organization": organization.slug.as_str() });
    let columns = [whole("id"), cut("user"), whole("since"), whole("last seen"), cut("from")];
    let of_one = match whose.user {
        None => None,
        Some(wanted) => {
            let read = store.read(&access, move |reader| {
                let user = user::named(reader, &wanted)?;
                let sessions = session::of_user(reader, &user, &policy, now)?;
                Ok::<_, Error>(
                    sessions.into_iter().map(|one| (one, user.clone())).collect::<Vec<_>>(),
                )
            });
            Some(read.await.map_err(within(&organization.slug))?)
        }
    };
    stream(async |output| {
        let mut listing = Listing::begin(output, json, (&head, "sessions"), columns)?;
        let mut count = 0;
        if let Some(sessions) = of_one {
            count = sessions.len();
            listing.page(&sessions, view, row)?;
        } else {
            let mut after: Option<SessionId> = None;
            loop {
                let read =
                    move |reader: &mut directory::Reader<'_>| session::after(reader, after, PIECE);
                let mut piece = store.read_long(&access, read).await?;
                let Some((last, _)) = piece.last() else { break };
                after = Some(last.id);
                piece.retain(|(session, _)| session.is_live(&policy, now));
                count += piece.len();
                listing.page(&piece, view, row)?;
            }
        }
        let remark = if count == 0 { "No one is signed in.\n" } else { "" };
        Ok(listing.end(&json!({}), remark)?)
    })
    .await
}

fn view((session, user): &(Session, User)) -> Json {
    json!({
        "id": session.id.to_string(),
        "user": { "id": user.id.to_string(), "userName": user.name() },
        "since": session.created.to_string(),
        "last_seen": session.seen.to_string(),
        "expires": session.expires.to_string(),
        "device": session.about.device,
        "address": session.about.address,
    })
}

fn row((session, user): &(Session, User)) -> [String; 5] {
    [
        session.id.to_string(),
        user.name().to_owned(),
        to_the_second(&session.created.to_string()),
        to_the_second(&session.seen.to_string()),
        session.about.address.clone().unwrap_or_else(|| "-".to_owned()),
    ]
}

async fn revoke_one(installation: &Installation, whose: &Whose, id: &str) -> Result<Answer> {
    let (access, organization) = find(installation, &whose.organization).await?;
    let id = SessionId::parse(id).with_context(|| {
        format!(
            "\"{}\" is not the id of a session; `doorward session list --organization {}` shows \
             all",
            id.escape_debug(),
            organization.slug
        )
    })?;
    installation
        .store()
        .write(&access, move |writer| session::end(writer, id))
        .await
        .map_err(within(&organization.slug))?;
    let json = json!({ "organization": organization.slug.as_str(), "ended": 1 });
    Ok(Answer::new(json, format!("Session {id} is over.")))
}

async fn revoke_all(installation: &Installation, whose: Whose) -> Result<Answer> {
    let (access, organization) = find(installation, &whose.organization).await?;
    let wanted = whose.user.unwrap_or_default();
    let (user, ended) = installation
        .store()
        .write(&access, move |writer| {
            let user = user::named(writer, &wanted)?;
            let ended = session::end_all(writer, &user)?;
            Ok::<_, Error>((user, ended))
        })
        .await
        .map_err(within(&organization.slug))?;
    let json = json!({
        "organization": organization.slug.as_str(),
        "user": user.id.to_string(),
        "ended": ended,
    });
    let name = user.name();
    let text = match ended {
        0 => format!("{name} was not signed in: nothing changed."),
        1 => format!("{name} is signed out: one session is over."),
        _ => format!("{name} is signed out: {ended} sessions are over."),
    };
    Ok(Answer::new(json, text))
}
