//! `doorward break-glass`

use anyhow::Result;
use clap::{Args, Subcommand};
use directory::{
    Installation,
    break_glass::{self, Account},
};
use doorward::config::Config;
use serde_json::{Value as Json, json};

use super::{
    organization::find,
    public_url,
    store::{self, Missing},
};
use crate::{
    answer::Answer,
    problem::within,
    table::{self, cut, to_the_second, whole},
};

/// `doorward break-glass`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make an account for an administrator, or begin it anew. Prints the address of a page, good
    /// once, where the owner sets a password and an authenticator app
    Create(Whose),
    /// Who can come in without the identity provider
    List {
        /// Short name of the organization
        #[arg(long, value_name = "SLUG")]
        organization: String,
    },
    /// Remove an account
    Remove(Whose),
}

/// Whose account.
#[derive(Debug, Args)]
pub(crate) struct Whose {
    /// Short name of the organization
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// The administrator's address: its userName, or its e-mail
    #[arg(long, value_name = "EMAIL")]
    email: String,
}

pub(crate) async fn run(command: Command, config: &Config) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |installation| match command {
        Command::Create(whose) => create(installation, config, &whose).await,
        Command::List { organization } => list(installation, &organization).await,
        Command::Remove(whose) => remove(installation, &whose).await,
    })
    .await
}

async fn create(installation: &Installation, config: &Config, whose: &Whose) -> Result<Answer> {
    let (access, organization) = find(installation, &whose.organization).await?;
    let base = public_url::known(config, installation).await?;
    let base = base.ok_or_else(|| anyhow::anyhow!("{}", public_url::UNKNOWN))?;
    let created = break_glass::create(installation.store(), &access, &whose.email).await;
    let created = created.map_err(within(&organization.slug))?;
    let url = format!("{base}/signin/break-glass/{}", created.link.reveal());
    let expires = created.account.link_expires().map(|time| time.to_string());
    let user = &created.user;
    let json = json!({
        "url": url,
        "expires": expires,
        "email": created.account.email,
        "user": { "id": user.id.to_string(), "userName": user.name(), "created": created.is_new_user },
    });
    let made = if created.is_new_user {
        format!("The user {} was made, with the role superadmin.\n", user.name())
    } else {
        String::new()
    };
    let text = format!(
        "{made}{} sets a password and an authenticator app here, once, until {}:\n\n{url}\n",
        created.account.email,
        to_the_second(&expires.unwrap_or_default()),
    );
    Ok(Answer::new(json, text))
}

async fn list(installation: &Installation, slug: &str) -> Result<Answer> {
    let (access, organization) = find(installation, slug).await?;
    let accounts = installation.store().read(&access, break_glass::list).await?;
    let json = json!({
        "organization": organization.slug.as_str(),
        "accounts": accounts.iter().map(|(account, user)| view(account, user)).collect::<Vec<_>>(),
    });
    let text = if accounts.is_empty() {
        format!(
            "No one can come in without the identity provider; `doorward break-glass create \
             --organization {} --email EMAIL` makes an account.",
            organization.slug
        )
    } else {
        let time = |time: Option<directory::Time>| {
            time.map_or("-".to_owned(), |time| to_the_second(&time.to_string()))
        };
        table::columns(
            [cut("e-mail"), cut("user"), whole("ready since"), whole("last used")],
            accounts.iter().map(|(account, user)| {
                [
                    account.email.clone(),
                    user.name().to_owned(),
                    time(account.enrolled),
                    time(account.last_used),
                ]
            }),
        )
    };
    Ok(Answer::new(json, text))
}

fn view(account: &Account, user: &directory::User) -> Json {
    json!({
        "email": account.email,
        "user": { "id": user.id.to_string(), "userName": user.name() },
        "created": account.created.to_string(),
        "link_expires": account.link_expires().map(|time| time.to_string()),
        "enrolled": account.enrolled.map(|time| time.to_string()),
        "last_used": account.last_used.map(|time| time.to_string()),
    })
}

async fn remove(installation: &Installation, whose: &Whose) -> Result<Answer> {
    let (access, organization) = find(installation, &whose.organization).await?;
    let removed = break_glass::remove(installation.store(), &access, &whose.email).await;
    removed.map_err(within(&organization.slug))?;
    let json = json!({ "email": whose.email, "removed": true });
    let text = format!("{} can no longer come in without the identity provider.", whose.email);
    Ok(Answer::new(json, text))
}
