//! [`Sheet`]: the people of a provider, as its administrator downloads them.

use std::{collections::HashMap, io::Read};

use anyhow::{Context as _, Result, bail};

/// What a column tells of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Field {
    UserName,
    ExternalId,
    Email,
    GivenName,
    FamilyName,
    DisplayName,
    Active,
}

impl Field {
    /// In the order in which they are compared.
    pub(super) const ALL: [Self; 7] = [
        Self::UserName,
        Self::ExternalId,
        Self::Email,
        Self::GivenName,
        Self::FamilyName,
        Self::DisplayName,
        Self::Active,
    ];

    /// As SCIM calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::UserName => "userName",
            Self::ExternalId => "externalId",
            Self::Email => "email",
            Self::GivenName => "givenName",
            Self::FamilyName => "familyName",
            Self::DisplayName => "displayName",
            Self::Active => "active",
        }
    }

    /// What the column is called by Okta, by Entra and by `doorward export users`, in small letters and
    /// without what stands between words. The best comes first.
    fn headings(self) -> &'static [&'static str] {
        match self {
            Self::UserName => &["username", "userlogin", "login", "userprincipalname"],
            Self::ExternalId => &["externalid", "userid", "objectid"],
            Self::Email => &["email", "useremail", "primaryemail", "mail"],
            Self::GivenName => &["givenname", "firstname", "userfirstname"],
            Self::FamilyName => &["familyname", "lastname", "userlastname", "surname"],
            Self::DisplayName => &["displayname", "userdisplayname"],
            Self::Active => &["active", "status", "userstatus", "accountenabled"],
        }
    }

    /// The field with this name of SCIM.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

/// A person, as the provider has it. What no column tells is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct There {
    /// The line of the file.
    pub(super) line: u64,
    cells: HashMap<Field, String>,
    /// Whether the person is meant to be active; `None`: it is not told, or says neither.
    pub(super) active: Option<bool>,
}

impl There {
    /// What is told of a field. An empty cell tells that there is no value.
    pub(super) fn get(&self, field: Field) -> Option<&str> {
        self.cells.get(&field).map(String::as_str)
    }

    pub(super) fn user_name(&self) -> &str {
        self.get(Field::UserName).unwrap_or_default()
    }
}

/// The people of a provider.
pub(super) struct Sheet<R> {
    rows: csv::StringRecordsIntoIter<R>,
    columns: Vec<(usize, Field)>,
}

impl<R: Read> Sheet<R> {
    /// Reads the headings. `named` says which heading a field has, where it is none that providers use.
    ///
    /// # Errors
    ///
    /// There is no column of user names, or a named one is missing.
    pub(super) fn open(file: R, named: &[(Field, String)]) -> Result<Self> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
        let headings: Vec<String> = reader
            .headers()
            .context("the first line of the file cannot be read")?
            .iter()
            .map(|heading| plain(heading.trim_start_matches('\u{feff}')))
            .collect();
        let place = |wanted: &str| headings.iter().position(|heading| heading == wanted);
        let mut columns = Vec::new();
        for field in Field::ALL {
            let at = match named.iter().find(|(named, _)| *named == field) {
                Some((_, heading)) => Some(
                    place(&plain(heading))
                        .with_context(|| format!("the file has no column \"{heading}\""))?,
                ),
                None => field.headings().iter().find_map(|heading| place(heading)),
            };
            columns.extend(at.map(|at| (at, field)));
        }
        if !columns.iter().any(|(_, field)| *field == Field::UserName) {
            bail!(
                "the file has no column of user names, such as \"userName\", \"Login\" or \
                 \"userPrincipalName\"; `--column userName=HEADING` names it"
            );
        }
        Ok(Self { rows: reader.into_records(), columns })
    }

    /// The fields that the file tells of.
    pub(super) fn fields(&self) -> impl Iterator<Item = Field> {
        self.columns.iter().map(|(_, field)| *field)
    }
}

impl<R: Read> Iterator for Sheet<R> {
    type Item = Result<There>;

    fn next(&mut self) -> Option<Result<There>> {
        loop {
            let row = match self.rows.next()? {
                Ok(row) => row,
                Err(error) => return Some(Err(error).context("the file cannot be read")),
            };
            let cell = |at: usize| original(row.get(at).unwrap_or_default().trim()).to_owned();
            let cells: HashMap<Field, String> =
                self.columns.iter().map(|(at, field)| (*field, cell(*at))).collect();
            let active = cells.get(&Field::Active).and_then(|status| is_active(status));
            let line = row.position().map_or(0, csv::Position::line);
            let there = There { line, cells, active };
            if !there.user_name().is_empty() {
                return Some(Ok(there));
            }
        }
    }
}

/// A heading in small letters, without what stands between words.
fn plain(heading: &str) -> String {
    heading.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The value of a cell that an export has made harmless for spreadsheets with an apostrophe.
fn original(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => cell,
    }
}

/// What the words of providers mean. Of a person who waits to be activated no one can tell.
fn is_active(status: &str) -> Option<bool> {
    match plain(status).as_str() {
        "true" | "yes" | "active" | "enabled" | "passwordexpired" | "lockedout" | "recovery"
        | "passwordreset" | "pendinguseraction" => Some(true),
        "false" | "no" | "inactive" | "disabled" | "suspended" | "deprovisioned"
        | "deactivated" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Sheet, There};

    fn read(file: &str) -> Vec<There> {
        let sheet = Sheet::open(file.as_bytes(), &[]).expect("headings");
        sheet.collect::<Result<_, _>>().expect("rows")
    }

    #[test]
    fn the_columns_of_okta_are_recognized() {
        let file = "\u{feff}Login,First name,Last name,Primary email,Status\n\
                    ada@acme.example,Ada,Lovelace,ada@acme.example,ACTIVE\n\
                    bob@acme.example,Bob,,,DEPROVISIONED\n\
                    eve@acme.example,Eve,,,STAGED\n";
        let rows = read(file);
        assert_eq!(rows[0].get(Field::GivenName), Some("Ada"));
        assert_eq!(rows[0].get(Field::DisplayName), None, "the file does not tell");
        assert_eq!(rows[1].get(Field::Email), Some(""), "there is none");
        let states: Vec<_> = rows.iter().map(|row| (row.line, row.active)).collect();
        assert_eq!(states, [(2, Some(true)), (3, Some(false)), (4, None)]);
    }

    #[test]
    fn the_columns_of_entra_and_of_an_export_are_recognized() {
        let entra = read("userPrincipalName,displayName,accountEnabled\nada@a.b,Ada,True\n");
        assert_eq!((entra[0].user_name(), entra[0].active), ("ada@a.b", Some(true)));
        let own = read("id,userName,displayName,active\n1,'=ada,'-Ada,false\n");
        assert_eq!(own[0].user_name(), "=ada");
        assert_eq!(own[0].get(Field::DisplayName), Some("-Ada"));
    }

    #[test]
    fn a_column_may_be_named() {
        let named = [(Field::UserName, "Staff No.".to_owned())];
        let mut sheet = Sheet::open("staff no,x\n7,y\n".as_bytes(), &named).expect("headings");
        assert_eq!(sheet.next().expect("a row").expect("read").user_name(), "7");
        assert!(Sheet::open("mail,x\n".as_bytes(), &[]).is_err(), "no user names");
        assert!(Sheet::open("login,x\n".as_bytes(), &named).is_err(), "not there");
    }

    #[test]
    fn rows_without_a_user_name_are_left_out() {
        assert_eq!(read("login,status\n,ACTIVE\nada,ACTIVE\n").len(), 1);
    }
}
