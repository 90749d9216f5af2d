//! `doorward export`

use std::{
    io::{self, ErrorKind, Write},
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand, ValueEnum};
use directory::{Membership, Record as _, Store, Tenant, schemas, search, user, user::User};
use doorward::config::Config;
use scim::{
    Object, Value,
    schema::{ResourceSchema, Schemas},
};

use super::{
    organization::find,
    person::Person,
    store::{self, Missing},
};
use crate::answer::Answer;

/// `doorward export`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The people of an organization, archived ones included
    ///
    /// In CSV, a cell that begins with = + - @, a tab or a carriage return gets an apostrophe in
    /// front, so that no spreadsheet takes somebody's name for a formula. JSON shows the values as
    /// they are.
    Users(Users),
}

/// `doorward export users`
#[derive(Debug, Args)]
pub(crate) struct Users {
    /// Short name of the organization
    #[arg(long, value_name = "SLUG")]
    organization: String,
    /// Shape of the output [default: csv; with --json: json]
    #[arg(long)]
    format: Option<Format>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line for each user, for spreadsheets
    Csv,
    /// One object with the list `users`, each as SCIM 2.0 shows it
    Json,
}

/// So many users are read and written at a time: the size of an organization costs no memory.
const PAGE: u64 = 500;

const COLUMNS: [&str; 14] = [
    "id",
    "userName",
    "givenName",
    "familyName",
    "displayName",
    "email",
    "title",
    "department",
    "employeeNumber",
    "externalId",
    "active",
    "groups",
    "created",
    "lastModified",
];

pub(crate) async fn run(command: Command, config: &Config, json: bool) -> Result<Answer> {
    let Command::Users(Users { organization, format }) = command;
    let format = match (format, json) {
        (Some(Format::Csv), true) => bail!("`--json` and `--format csv` contradict each other"),
        (Some(Format::Csv) | None, false) => Format::Csv,
        (Some(Format::Json), _) | (None, true) => Format::Json,
    };
    store::with(config, Missing::Refuse, async |store| {
        let (tenant, _) = find(store, &organization).await?;
        let schemas = store.read(&tenant, schemas::current).await?;
        let mut page: Box<dyn Pages> = match format {
            Format::Csv => Box::new(Csv),
            Format::Json => {
                let users = format!("{}/scim/v2/Users", config.network.public_url);
                Box::new(Json { users, schemas, first: true })
            }
        };
        let mut output = io::BufWriter::new(io::stdout().lock());
        match write(store, &tenant, &mut *page, &mut output).await? {
            // Whoever reads has had enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            written => written.context("cannot write the users"),
        }
    })
    .await?;
    Ok(Answer::nothing())
}

/// The outer error is the store's, the inner one the output's.
async fn write(
    store: &Store,
    tenant: &Tenant,
    pages: &mut dyn Pages,
    output: &mut impl Write,
) -> Result<io::Result<()>> {
    let mut text = pages.begin()?;
    let mut last: Option<User> = None;
    loop {
        if let Err(error) = output.write_all(&text) {
            return Ok(Err(error));
        }
        let (users, groups) = store
            .read(tenant, move |reader| {
                let users = user::after(reader, last.as_ref(), PAGE)?;
                let groups = search::groups(reader, &users)?;
                Ok((users, groups))
            })
            .await?;
        if users.is_empty() {
            break;
        }
        text = pages.page(&users, &groups)?;
        last = users.into_iter().next_back();
    }
    Ok(output.write_all(&pages.end()).and_then(|()| output.flush()))
}

/// A shape of the output, page by page.
trait Pages {
    fn begin(&self) -> Result<Vec<u8>>;
    fn page(&mut self, users: &[User], groups: &[Vec<Membership>]) -> Result<Vec<u8>>;
    fn end(&self) -> Vec<u8>;
}

struct Csv;

impl Pages for Csv {
    fn begin(&self) -> Result<Vec<u8>> {
        lines([COLUMNS.map(str::to_owned)])
    }

    fn page(&mut self, users: &[User], groups: &[Vec<Membership>]) -> Result<Vec<u8>> {
        lines(users.iter().zip(groups).map(|(user, groups)| row(user, groups).map(harmless)))
    }

    fn end(&self) -> Vec<u8> {
        Vec::new()
    }
}

fn lines(rows: impl IntoIterator<Item = [String; COLUMNS.len()]>) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().context("a line cannot be written")
}

fn row(user: &User, groups: &[Membership]) -> [String; COLUMNS.len()] {
    let person = Person::new(user, groups);
    [
        user.id.to_string(),
        person.text("userName").to_owned(),
        person.name("givenName").to_owned(),
        person.name("familyName").to_owned(),
        person.text("displayName").to_owned(),
        person.email().to_owned(),
        person.text("title").to_owned(),
        person.enterprise("department").to_owned(),
        person.enterprise("employeeNumber").to_owned(),
        person.text("externalId").to_owned(),
        user.active.to_string(),
        person.groups(),
        user.created.to_string(),
        user.modified.to_string(),
    ]
}

/// A cell that no spreadsheet takes for a formula. The values come from whoever may edit a profile
/// at the provider; the file is opened by an administrator.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

struct Json {
    /// The address of the users.
    users: String,
    schemas: Arc<Schemas>,
    first: bool,
}

impl Pages for Json {
    fn begin(&self) -> Result<Vec<u8>> {
        Ok(b"{\"users\":[".to_vec())
    }

    fn page(&mut self, users: &[User], groups: &[Vec<Membership>]) -> Result<Vec<u8>> {
        let mut text = String::new();
        for (user, groups) in users.iter().zip(groups) {
            text.push_str(if std::mem::take(&mut self.first) { "\n" } else { ",\n" });
            text.push_str(&object(&self.users, self.schemas.user(), user, groups).to_json());
        }
        Ok(text.into_bytes())
    }

    fn end(&self) -> Vec<u8> {
        b"\n]}\n".to_vec()
    }
}

fn object(users: &str, schema: &ResourceSchema, user: &User, groups: &[Membership]) -> Object {
    let mut resource = user.resource.clone();
    if !groups.is_empty() {
        let groups: Vec<Value> = groups
            .iter()
            .map(|group| {
                Object::new()
                    .with("value", group.id.to_string())
                    .with("display", group.display.as_str())
                    .with("type", if group.direct { "direct" } else { "indirect" })
                    .into()
            })
            .collect();
        resource.insert("groups", groups);
    }
    let id = user.id.to_string();
    let meta = scim::Meta { location: format!("{users}/{id}"), ..user.meta() };
    scim::represent(schema, &id, resource, &meta)
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_begins_like_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(harmless(cell.to_owned()), format!("'{cell}"));
        }
        for cell in ["", "Ada", "a=b", "'quoted", "x-y"] {
            assert_eq!(harmless(cell.to_owned()), cell);
        }
    }
}
