//! Identity providers, simulated: Okta's SCIM client as a library.
//!
//! [`run`] plays the whole life of people and groups against any SCIM server, judges every answer
//! as Okta would and returns a [`Report`]. [`push`] only pushes people and groups, for a demo.
//!
//! What is sent comes from recordings and from Okta's documentation. Nothing here knows Doorward.

mod client;
mod failure;
mod flavour;
mod judge;
mod life;
mod okta;
mod people;
mod progress;
mod report;
mod token;
mod volume;

pub use flavour::{Flavour, UnknownFlavour};
pub use report::{Report, Step, Verdict};
pub use token::Token;
pub use volume::{Pushed, PushedGroup, PushedUser};

use client::Client;
use failure::Failure;
use okta::Okta;
use people::Company;
use progress::Progress;
use report::Recorder;

/// What to simulate, and against whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// The base URL as an administrator would paste it: a trailing slash and a query are fine.
    pub base_url: String,
    /// The token as an administrator would paste it.
    pub token: Token,
    /// Which of Okta's clients to be.
    pub flavour: Flavour,
    /// How many people to push after the life. None leaves the volume out.
    pub users: usize,
    /// How many groups to push after the life.
    pub groups: usize,
    /// The same seed gives the same people and groups; another seed gives another company.
    pub seed: u64,
    /// How many people or groups to push at once.
    pub concurrency: usize,
    /// Show a bar on standard error, if that is a terminal.
    pub progress: bool,
}

/// The simulation could not begin.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The base URL cannot be used.
    #[error(
        "the base URL cannot be used: {reason}. Give the address to which Okta adds /Users, for \
         example http://127.0.0.1:8400/scim/v2"
    )]
    BaseUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// The token cannot be used.
    #[error("the token cannot be used: {0}. Copy it again from where it was shown")]
    Token(&'static str),
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made: {0}. Are the system's certificates installed?")]
    Client(String),
    /// Nobody answered.
    #[error("{0}")]
    Unreachable(String),
}

/// Plays the whole life, then the volume if people or groups are wanted.
///
/// It may be repeated on the same server with the same seed: people are found and linked, archived
/// ones are reactivated, and the groups of the life are deleted at its end. It must be the only
/// writer meanwhile, as totals are compared.
///
/// # Errors
///
/// When the options cannot be used or nobody answers. Whatever the server answers is in the report.
pub async fn run(options: Options) -> Result<Report, SetupError> {
    let (okta, company) = prepare(&options).await?;
    let progress = Progress::new(options.progress);
    let mut recorder = Recorder::new(&okta.client, &progress);
    let mut not_kept = life::run(&okta, &company, &mut recorder).await;
    if options.users > 0 || options.groups > 0 {
        volume::run(&okta, &company, &options, &progress, &mut not_kept, &mut recorder).await;
    }
    progress.finish();
    Ok(recorder.finish(options.flavour, options.seed, not_kept))
}

/// Only pushes people and groups, and says what arrived.
///
/// # Errors
///
/// When the options cannot be used or nobody answers.
pub async fn push(options: Options) -> Result<Pushed, SetupError> {
    let (okta, company) = prepare(&options).await?;
    let progress = Progress::new(options.progress);
    let pushed = volume::push(&okta, &company, &options, &progress).await;
    progress.finish();
    Ok(pushed)
}

/// Checks the options and that somebody answers at all.
async fn prepare(options: &Options) -> Result<(Okta, Company), SetupError> {
    let client = Client::new(
        &options.base_url,
        options.token.clone(),
        options.flavour,
        options.concurrency,
    )?;
    let okta = Okta { client, flavour: options.flavour };
    if let Err(Failure::Unreachable(sentence)) =
        okta.client.get("/Users", &[("startIndex", "1"), ("count", "2")]).await
    {
        return Err(SetupError::Unreachable(okta.client.redact(&sentence)));
    }
    Ok((okta, Company::new(options.seed)))
}
