//! [`Cli`]: the command line.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use doorward::config::Flags;
use serde_json::json;

#[cfg(feature = "simulator")]
use crate::commands::{demo, simulate};
use crate::{
    answer,
    commands::{check, connection, export, organization, schema, serve, token, verify},
};

/// Take people, teams and sign-ins from each customer's identity provider.
#[derive(Debug, Parser)]
#[command(name = "doorward", version, propagate_version = true, arg_required_else_help = true)]
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
    /// Bring the schema of the store up to date, or make an empty store
    Migrate,
    /// Check every record against every other, and the events against the records
    Verify(verify::Options),
    /// The configuration
    #[command(subcommand)]
    Config(check::Command),
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
        // Whoever closed our output does not want to know.
        let _ = answer::line(&json!({ "error": sentence }).to_string());
    } else {
        let _ = error.print();
    }
    code
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
