//! `doorward drift`: the provider's own list of people beside those that are here.

mod compare;
mod sheet;

use std::{fs::File, io::BufReader, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::Args;
use directory::{
    Installation,
    connection::{Connection, Provider},
};
use doorward::config::Config;
use serde_json::json;

use self::{
    compare::{Comparison, Difference},
    sheet::{Field, Sheet},
};
use super::{
    connection::find,
    store::{self, Missing},
    walk::Walk,
};
use crate::{
    answer::Answer,
    listing::Listing,
    output::{Output, stream},
    table::{cut, whole, wrapped},
};

/// `doorward drift`
#[derive(Debug, Args)]
#[command(
    after_long_help = "The file is what the provider's administrator downloads: a list of the \
    people who are assigned to the app, with a line of headings. The columns of Okta, Entra ID and \
    `doorward export users` are recognized; `--column` names others. Nothing is changed."
)]
pub(crate) struct Options {
    /// The id of the connection whose people are compared
    #[arg(long, value_name = "ID")]
    connection: String,
    /// Which heading a field has in the file: userName, externalId, email, givenName, familyName,
    /// displayName or active
    #[arg(long = "column", value_name = "FIELD=HEADING", value_parser = column)]
    columns: Vec<(Field, String)>,
    /// The provider's list, in CSV
    file: PathBuf,
}

fn column(text: &str) -> Result<(Field, String), String> {
    let (field, heading) = text.split_once('=').ok_or("FIELD=HEADING is needed")?;
    let field = Field::parse(field).ok_or_else(|| {
        let known = Field::ALL.map(Field::name).join(", ");
        format!("\"{field}\" is none of {known}")
    })?;
    Ok((field, heading.to_owned()))
}

pub(crate) async fn run(options: &Options, config: &Config, json: bool) -> Result<Answer> {
    store::with(config, Missing::Refuse, async |installation| {
        report(installation, options, json).await
    })
    .await
}

async fn report(installation: &Installation, options: &Options, json: bool) -> Result<Answer> {
    let file = File::open(&options.file)
        .with_context(|| format!("cannot open {}", options.file.display()))?;
    let sheet = Sheet::open(BufReader::new(file), &options.columns)?;
    let (access, connection) = find(installation, &options.connection).await?;
    let compared: Vec<&str> = sheet.fields().map(Field::name).collect();
    let head = json!({ "connection": connection.id.to_string(), "compared": compared });
    let mut comparison = Comparison::new(installation.store(), &access, &connection);
    let mut walk = Walk::new(installation.store(), &access, None);
    let columns = [whole("what"), cut("userName"), wrapped("there, and here"), wrapped("to do")];
    stream(async |output: &mut Output| {
        let mut listing = Listing::begin(output, json, (&head, "differences"), columns)?;
        let mut count = 0;
        let mut show = |differences: &[Difference]| {
            count += differences.len();
            listing.page(differences, Difference::as_json, |one| row(one, &connection))
        };
        let mut piece = Vec::new();
        for there in sheet {
            piece.push(there?);
            if piece.len() == Comparison::size() {
                show(&comparison.piece(std::mem::take(&mut piece)).await?)?;
            }
        }
        show(&comparison.piece(piece).await?)?;
        while let Some(extra) = comparison.extra(&mut walk).await? {
            show(&extra)?;
        }
        let Comparison { there, same, .. } = comparison;
        let tail = json!({ "there": there, "same": same, "different": count });
        let compared = compared.join(", ");
        let remark = format!(
            "{there} in the file, {same} of them the same here; {count} differences. Compared: {compared}.\n"
        );
        Ok(listing.end(&tail, &remark)?)
    })
    .await
}

fn row(difference: &Difference, connection: &Connection) -> [String; 4] {
    let fields = difference.fields().iter().map(|other| {
        let shown = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
        format!("{}: {}, {}", other.field.name(), shown(&other.there), shown(&other.here))
    });
    [
        difference.kind().to_owned(),
        difference.user_name().to_owned(),
        fields.collect::<Vec<_>>().join("; "),
        advice(difference, connection),
    ]
}

/// What puts it right. Where the provider manages the people, the provider has to act.
fn advice(difference: &Difference, connection: &Connection) -> String {
    let provider = match connection.provider {
        Provider::Okta => "Okta",
        Provider::Entra => "Entra ID",
        Provider::OneLogin => "OneLogin",
        Provider::JumpCloud => "JumpCloud",
        Provider::Other => "the provider",
    };
    match difference {
        Difference::Missing { .. } => {
            format!("in {provider}: assign again, or retry the failed task")
        }
        Difference::Archived { .. } => format!("in {provider}: unassign, then assign again"),
        Difference::Extra { .. } => {
            format!("in {provider}: assign once more, then unassign; it was not told to us")
        }
        Difference::Profile { .. } => format!("in {provider}: push the profile again"),
        Difference::Managed { .. } => {
            format!("in {provider}: assign again, so that this connection takes it over")
        }
    }
}
