//! `doorward simulate`

pub(crate) mod reasons;
mod report;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use doorward::config::Config;
use secrecy::SecretString;
use simulator::{App, Flavour, Options, Stop, Syntax, Token};

use super::serve::Signals;
use crate::answer::{Answer, complain};

/// `doorward simulate`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Play Okta: the whole life of people and groups, judged as Okta would judge the answers
    Okta(Okta),
    /// Play Microsoft Entra ID: the whole life of people and groups, judged as Entra would
    Entra(Entra),
}

/// `doorward simulate okta`
#[derive(Debug, Args)]
pub(crate) struct Okta {
    /// Which kind of Okta app calls [default: custom for scim2, catalog for scim1]
    #[arg(long)]
    app: Option<KindOfApp>,
    #[command(flatten)]
    play: Play,
}

/// `doorward simulate entra`
#[derive(Debug, Args)]
pub(crate) struct Entra {
    /// Put the flag aadOptscim062020 on the base URL: Entra then writes PATCH to the letter of the
    /// standard. A base URL that has it already does the same
    #[arg(long)]
    flag: bool,
    #[command(flatten)]
    play: Play,
}

/// What each provider is told.
#[derive(Debug, Args)]
struct Play {
    /// The base URL as an administrator would paste it
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// The token; in the variable `DOORWARD_SIMULATE_TOKEN` it is not in the list of processes
    #[arg(long)]
    token: Option<SecretString>,
    /// What is spoken
    #[arg(long, default_value = "scim2")]
    protocol: Protocol,
    /// How many people to push after the life
    #[arg(long, default_value_t = 0, value_name = "N")]
    users: usize,
    /// How many groups to push after the life
    #[arg(long, default_value_t = 0, value_name = "N")]
    groups: usize,
    /// Leave what was made on the server; without this it is removed at the end
    #[arg(long)]
    keep: bool,
    /// The same seed gives the same people
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// How many people or groups to push at once
    #[arg(long, default_value_t = 4, value_name = "N", value_parser = at_least_one)]
    concurrency: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Protocol {
    /// SCIM 2.0
    Scim2,
    /// SCIM 1.1; of Okta, with Header Auth
    Scim1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum KindOfApp {
    /// Made with the App Integration Wizard: every change is a PUT
    Custom,
    /// From the catalog: a change is a PATCH
    Catalog,
}

fn at_least_one(text: &str) -> Result<usize, &'static str> {
    text.parse().ok().filter(|number| *number > 0).ok_or("it must be 1 or more")
}

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    let (flavour, play) = match command {
        Command::Okta(okta) => (Flavour::Okta(app(okta.play.protocol, okta.app)?), okta.play),
        Command::Entra(entra) => (Flavour::Entra(syntax(&entra)?), entra.play),
    };
    let Some(token) = play.token.or_else(|| config.simulate_token.clone()) else {
        bail!(
            "a token is needed: set the variable DOORWARD_SIMULATE_TOKEN, or give `--token`; \
             `doorward token issue` makes one"
        );
    };
    let stop = Stop::default();
    stop_at_a_signal(stop.clone())?;
    let report = simulator::run(Options {
        base_url: play.base_url,
        token: Token::from(token),
        flavour,
        users: play.users,
        groups: play.groups,
        seed: play.seed,
        concurrency: play.concurrency,
        keep: play.keep,
        progress: !json,
        stop,
    })
    .await?;
    let object = serde_json::to_value(&report).context("the report cannot be written")?;
    Ok(Answer::new(object, report::text(&report)).failed_if(!report.is_success()))
}

/// Ends the run at the first signal, so that what it made is removed; the next one ends the process.
fn stop_at_a_signal(stop: Stop) -> Result<()> {
    let mut signals = Signals::listen()?;
    tokio::spawn(async move {
        let signal = signals.next().await;
        complain(&format!("{signal}: removing what was made; again: end at once"));
        signals.end_at_the_next();
        stop.now();
    });
    Ok(())
}

fn app(protocol: Protocol, kind: Option<KindOfApp>) -> Result<App> {
    Ok(match (protocol, kind) {
        (Protocol::Scim2, Some(KindOfApp::Catalog)) => App::Catalog,
        (Protocol::Scim2, Some(KindOfApp::Custom) | None) => App::Custom,
        (Protocol::Scim1, Some(KindOfApp::Catalog) | None) => App::HeaderAuthV1,
        (Protocol::Scim1, Some(KindOfApp::Custom)) => {
            bail!("a custom app of Okta speaks SCIM 2.0 only; use `--app catalog` with scim1")
        }
    })
}

fn syntax(entra: &Entra) -> Result<Syntax> {
    if entra.play.protocol == Protocol::Scim1 {
        bail!("Entra ID speaks SCIM 2.0 only; leave `--protocol` out, and give a base URL of 2.0");
    }
    Ok(if entra.flag { Syntax::Flagged } else { Syntax::of(&entra.play.base_url) })
}
