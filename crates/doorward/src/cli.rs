//! [`Cli`]: the command line.

use std::{path::PathBuf, process::ExitCode};

use clap::{Arg, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use doorward::config::Flags;
use serde_json::json;

#[cfg(feature = "simulator")]
use crate::commands::{demo, simulate};
use crate::{
    answer,
    commands::{
        api_key, audit, backup, break_glass, check, client, completions, connection, copy, domain,
        drift, event, export, group, history, man, migrate, organization, plan, restore, role,
        schema, serve, session, setup_link, token, user, verify, webhook,
    },
};

/// Take people, teams and sign-ins from each customer's identity provider.
#[derive(Debug, Parser)]
#[command(name = "doorward", version, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Configuration file, in TOML [default: none]
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL)]
    pub(crate) config: Option<PathBuf>,

    /// Answer with one JSON object on standard output, and nothing else there
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) json: bool,

    #[command(flatten, next_help_heading = GLOBAL)]
    pub(crate) flags: Flags,
}

const GLOBAL: &str = "Options of every command";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve identity providers until ctrl-c
    Serve(serve::Options),
    #[cfg(feature = "simulator")]
    /// Serve a sample organization, and let a simulated Okta push people and groups into it
    Demo(demo::Options),
    /// Organizations: the customers of your application
    #[command(subcommand)]
    Organization(organization::Command),
    /// Connections: the links between an organization and its identity providers
    #[command(subcommand)]
    Connection(connection::Command),
    /// Tokens: what an identity provider shows to prove which connection it is
    #[command(subcommand)]
    Token(token::Command),
    /// Domains: e-mail addresses that are an organization's own
    #[command(subcommand)]
    Domain(domain::Command),
    /// Break-glass: administrators who can come in without the identity provider
    #[command(subcommand)]
    BreakGlass(break_glass::Command),
    /// Clients: the programs that ask for tokens by OAuth 2.0 and OpenID Connect
    #[command(subcommand)]
    Client(client::Command),
    /// Set-up links: how someone without an account connects the identity provider
    #[command(subcommand)]
    SetupLink(setup_link::Command),
    /// API keys: what a program shows to use the management API
    #[command(subcommand)]
    ApiKey(api_key::Command),
    /// Webhooks: addresses that events are sent to
    #[command(subcommand)]
    Webhook(webhook::Command),
    /// Sessions: the people who are signed in
    #[command(subcommand)]
    Session(session::Command),
    /// Users: the people of an organization
    #[command(subcommand)]
    User(user::Command),
    /// Groups: sets of users and groups
    #[command(subcommand)]
    Group(group::Command),
    /// Roles: what people may do in your application, and who administers an organization
    #[command(subcommand)]
    Role(role::Command),
    /// Plans: which features an organization may use
    #[command(subcommand)]
    Plan(plan::Command),
    /// Events: what happened in an organization
    #[command(subcommand)]
    Event(event::Command),
    /// History: what people, groups and organizations were at any moment
    #[command(subcommand)]
    History(history::Command),
    /// Audit: who did what to credentials, roles and settings
    #[command(subcommand)]
    Audit(audit::Command),
    /// Schemas and resource types of your own, for one organization or all
    #[command(subcommand)]
    Schema(schema::Command),
    #[cfg(feature = "simulator")]
    /// Play an identity provider against any SCIM server
    #[command(subcommand)]
    Simulate(simulate::Command),
    /// Write out what the directory holds
    #[command(subcommand)]
    Export(export::Command),
    /// Compare a provider's own list of people with those that are here
    Drift(drift::Options),
    /// Bring the schema of the store up to date, or make an empty store
    Migrate(migrate::Options),
    /// Make the keys of the store anew, after the rule of folding text has changed
    Rekey,
    /// Copy the store into a file, also while a server serves it
    Backup(backup::Options),
    /// Put a copy of a store where none is
    Restore(restore::Options),
    /// Copy the store to one on the other engine: from SQLite to PostgreSQL, or back
    Copy(copy::Options),
    /// Check every record against every other, and the events against the records
    Verify(verify::Options),
    /// The configuration
    #[command(subcommand)]
    Config(check::Command),
    /// Print a script that completes commands in a shell
    Completions(completions::Options),
    /// Print the manual page, or write one for each command
    Man(man::Options),
    /// The version of the program, and of what is inside
    Version,
}

/// What stands under the help of each command instead of the options that all have.
const ELSEWHERE: &str = "Options of every command: see `doorward --help`";

/// The command line as people are shown it. The options of every command work after each of them,
/// and are told of once.
pub(crate) fn command() -> clap::Command {
    let mut command = Cli::command();
    let everywhere: Vec<Arg> = command
        .get_arguments()
        .filter(|argument| argument.is_global_set())
        .map(|argument| argument.clone().hide(true))
        .collect();
    for inner in command.get_subcommands_mut() {
        hide(inner, &everywhere);
    }
    command
}

fn hide(command: &mut clap::Command, everywhere: &[Arg]) {
    *command = std::mem::take(command).args(everywhere).after_help(ELSEWHERE);
    for inner in command.get_subcommands_mut() {
        hide(inner, everywhere);
    }
}

/// Reads the command line of this process.
pub(crate) fn parse() -> Result<Cli, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// Prints why the command line cannot be understood (or the help that was asked for), and says how
/// the process ends.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    let code = ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    // The flag was not parsed, as nothing was: it is looked for where it can only be the flag.
    if error.use_stderr() && std::env::args_os().skip(1).any(|argument| argument == "--json") {
        let text = error.render().to_string();
        let sentence = text.split("\n\n").next().unwrap_or_default();
        let sentence = sentence.trim_start_matches("error: ");
        let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
        // A reader that closed our output does not want to know.
        let _ = answer::line(&json!({ "error": sentence }).to_string());
    } else {
        let _ = error.print();
    }
    code
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }
}
