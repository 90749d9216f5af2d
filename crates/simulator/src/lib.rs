//! Identity providers, simulated: the SCIM clients of Okta and Microsoft Entra ID as a library.
//!
//! [`saml`] is the other half: a provider at which people sign in, without a password.
//!
//! [`run`] plays the whole life of people and groups against any SCIM server, judges every answer
//! as the provider would and returns a [`Report`]. [`push`] only pushes people and groups, for a demo.
//!
//! What is sent comes from recordings and from the providers' documentation. Nothing here knows Doorward.

mod client;
mod dialect;
mod entra;
mod failure;
mod flavour;
mod judge;
mod made;
mod okta;
mod people;
mod player;
mod progress;
mod removal;
mod report;
pub mod saml;
mod server;
mod stop;
mod token;
mod volume;

pub use entra::Syntax;
pub use flavour::{Flavour, Provider};
pub use okta::App;
pub use removal::Removed;
pub use report::{Report, Step, Verdict};
pub use stop::Stop;
pub use token::Token;
pub use volume::{Pushed, PushedGroup, PushedUser};

use entra::Entra;
use failure::Failure;
use okta::Okta;
use people::Company;
use player::Player;
use progress::Progress;
use report::Recorder;
use server::Server;

/// What to simulate, and against whom.
#[derive(Clone, Debug)]
pub struct Options {
    /// The base URL as an administrator would paste it: a trailing slash and a query are fine.
    pub base_url: String,
    /// The token as an administrator would paste it.
    pub token: Token,
    /// Which client to be.
    pub flavour: Flavour,
    /// How many people to push after the life. None leaves the volume out.
    pub users: usize,
    /// How many groups to push after the life.
    pub groups: usize,
    /// The same seed gives the same people and groups; another seed gives another company.
    pub seed: u64,
    /// How many people or groups to push at once.
    pub concurrency: usize,
    /// Leave what was made on the server, for a look at it.
    pub keep: bool,
    /// Show a bar on standard error, if that is a terminal.
    pub progress: bool,
    /// Ends the run before its time.
    pub stop: Stop,
}

/// The simulation could not begin.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The base URL cannot be used.
    #[error(
        "the base URL cannot be used: {reason}. Give the address to which /Users is added, for \
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
    /// No one answered.
    #[error("{0}")]
    Unreachable(String),
}

/// Plays the whole life, then the volume if people or groups are wanted, and then removes what it
/// made, unless that is to be kept: also when a step failed, or the run was stopped.
///
/// It may be repeated on the same server with the same seed: people who are there are found and
/// linked, archived ones are reactivated, and all of those stay. It must be the only writer
/// meanwhile, as totals are compared.
///
/// # Errors
///
/// When the options cannot be used or no one answers. Whatever the server answers is in the report.
pub async fn run(options: Options) -> Result<Report, SetupError> {
    match options.flavour {
        Flavour::Okta(app) => play(&Okta::new(&options, app)?, &options).await,
        Flavour::Entra(syntax) => play(&Entra::new(&options, syntax)?, &options).await,
    }
}

/// Only pushes people and groups, which stay, and says what arrived.
///
/// # Errors
///
/// When the options cannot be used or no one answers.
pub async fn push(options: Options) -> Result<Pushed, SetupError> {
    match options.flavour {
        Flavour::Okta(app) => bring(&Okta::new(&options, app)?, &options).await,
        Flavour::Entra(syntax) => bring(&Entra::new(&options, syntax)?, &options).await,
    }
}

async fn play(player: &impl Player, options: &Options) -> Result<Report, SetupError> {
    reach(player.server()).await?;
    let company = Company::new(options.seed);
    let progress = Progress::new(options.progress);
    let mut recorder = Recorder::new(&player.server().client, &progress);
    let mut not_kept = player.live(&company, &mut recorder).await;
    if options.users > 0 || options.groups > 0 {
        volume::run(player, &company, options, &progress, &mut not_kept, &mut recorder).await;
    }
    let report = recorder.finish(options.flavour, options.seed, not_kept);
    let removed = if options.keep {
        None
    } else {
        Some(removal::remove(player, options.concurrency, &progress).await)
    };
    progress.finish();
    Ok(Report { removed, ..report })
}

async fn bring(player: &impl Player, options: &Options) -> Result<Pushed, SetupError> {
    reach(player.server()).await?;
    let progress = Progress::new(options.progress);
    let pushed = volume::push(player, &Company::new(options.seed), options, &progress).await;
    progress.finish();
    Ok(pushed)
}

/// Whether anyone answers at all.
async fn reach(server: &Server) -> Result<(), SetupError> {
    match server.client.get("/Users", &[("startIndex", "1"), ("count", "2")]).await {
        Err(Failure::Unreachable(sentence)) => {
            Err(SetupError::Unreachable(server.client.redact(&sentence)))
        }
        _ => Ok(()),
    }
}
