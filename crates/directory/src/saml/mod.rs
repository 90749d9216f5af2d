//! SAML settings: how people sign in through a connection.
//!
//! What a message must look like is not decided here: the crate `saml` reads metadata and verifies
//! answers, and this one keeps what they are compared with.

pub mod certificate;
mod metadata;
pub mod request_key;
pub mod source;

pub use self::metadata::Described;
use crate::{
    access::Verb,
    audit::{self, kinds},
    break_glass,
    clock::Time,
    connection::{self, Connection, Protocol},
    db::{Row, statements},
    error::{Error, Noun},
    id::{ConnectionId, ConnectionNo},
    keyword::keyword,
    store::{Reader, Writer},
};

statements! {
    GET = Sql {
        "select state, entity_id, sso_url, binding, signed, unsolicited, name_id, \
         create_users, tested from saml_connection where org = $1 and connection = $2"
    };
    PUT = Sql {
        "insert into saml_connection (org, connection, state, entity_id, sso_url, binding, signed, \
         unsolicited, name_id, create_users, tested) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         on conflict (org, connection) do update set state = excluded.state, \
         entity_id = excluded.entity_id, sso_url = excluded.sso_url, binding = excluded.binding, \
         signed = excluded.signed, \
         unsolicited = excluded.unsolicited, name_id = excluded.name_id, \
         create_users = excluded.create_users, tested = excluded.tested"
    };
    TESTED = Sql { "update saml_connection set tested = $3 where org = $1 and connection = $2" };
    DELETE = Sql { "delete from saml_connection where org = $1 and connection = $2" };
}

/// The longest entity ID, in characters (SAML core §8.3.6).
pub(crate) const LONGEST_ENTITY_ID: usize = 1024;
/// The longest address of a provider, in characters.
pub(crate) const LONGEST_ADDRESS: usize = 2048;
/// A test sign-in counts so long for [`State::Enforced`].
const TEST_COUNTS: std::time::Duration = std::time::Duration::from_hours(24);

keyword! {
    /// Whether people sign in through a connection.
    State {
        /// No one does.
        Off = "off",
        /// A sign-in shows what arrived and what it would come to, and lets no one in.
        Testing = "testing",
        /// People do.
        Enforced = "enforced",
    }
}

keyword! {
    /// What must be signed.
    Signed {
        /// The response and the assertion: Okta's default.
        Both = "both",
        /// The assertion.
        Assertion = "assertion",
    }
}

keyword! {
    /// How the browser carries a request to the provider.
    Binding {
        /// In the address.
        Redirect = "redirect",
        /// In a form.
        Post = "post",
    }
}

keyword! {
    /// Which attribute of a user the NameID is.
    NameId {
        /// The userName.
        Username = "username",
        /// The externalId that the connection gave.
        ExternalId = "external-id",
        /// An address of e-mail.
        Email = "email",
    }
}

/// The identity provider, as its metadata describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The entity ID: the issuer of what it signs.
    pub entity_id: String,
    /// Where sign-in begins.
    pub sso_url: String,
    /// How a request gets there.
    pub binding: Binding,
}

/// How people sign in through a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Whether they do.
    pub state: State,
    /// At whom.
    pub provider: Option<Provider>,
    /// What it must sign.
    pub signed: Signed,
    /// Whether an answer without a request is taken: a sign-in that began at the provider.
    pub unsolicited: bool,
    /// Who is meant by a NameID.
    pub name_id: NameId,
    /// Whether who is not here yet is created on arrival.
    pub create_users: bool,
    /// When a test sign-in last went well.
    pub tested: Option<Time>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            state: State::Off,
            provider: None,
            signed: Signed::Both,
            unsolicited: false,
            name_id: NameId::Username,
            create_users: false,
            tested: None,
        }
    }
}

/// What is to be different; `None` leaves a setting as it is.
#[derive(Clone, Debug, Default)]
#[expect(missing_docs, reason = "the fields are those of `Settings`")]
pub struct Change {
    pub state: Option<State>,
    pub provider: Option<Provider>,
    pub signed: Option<Signed>,
    pub unsolicited: Option<bool>,
    pub name_id: Option<NameId>,
    pub create_users: Option<bool>,
    /// An operator takes a connection into use without a test.
    pub untested: bool,
}

impl Settings {
    fn from_row(mut row: Row) -> Result<Self, Error> {
        let entity_id: Option<String> = row.get("entity_id")?;
        let sso_url: Option<String> = row.get("sso_url")?;
        let binding: Option<Binding> = row.get("binding")?;
        let provider = match (entity_id, sso_url, binding) {
            (Some(entity_id), Some(sso_url), Some(binding)) => {
                Some(Provider { entity_id, sso_url, binding })
            }
            _ => None,
        };
        Ok(Self {
            state: row.get("state")?,
            provider,
            signed: row.get("signed")?,
            unsolicited: row.get("unsolicited")?,
            name_id: row.get("name_id")?,
            create_users: row.get("create_users")?,
            tested: row.get("tested")?,
        })
    }

    /// Whether a test sign-in went well lately.
    #[must_use]
    pub fn is_tested(&self, now: Time) -> bool {
        self.tested.is_some_and(|tested| now < tested.plus(TEST_COUNTS))
    }
}

/// The settings of a connection; the default ones where it has none.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub fn get(reader: &mut Reader<'_>, id: ConnectionId) -> Result<Settings, Error> {
    let connection = connection::get(reader, id)?;
    of(reader, connection.no())
}

pub(crate) fn of(reader: &mut Reader<'_>, connection: ConnectionNo) -> Result<Settings, Error> {
    let row = reader.query_one(GET, &[connection.into()])?;
    row.map_or_else(|| Ok(Settings::default()), Settings::from_row)
}

/// Changes how people sign in through a connection.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`]; [`Error::Invalid`] where an address is none;
/// [`Error::Conflict`] where a state is asked for that lacks something: a provider, a certificate, a
/// test sign-in.
pub fn set(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    change: Change,
) -> Result<(Settings, bool), Error> {
    let connection = changed(writer, id)?;
    let before = of(writer, connection.no())?;
    let untested = change.untested;
    let is_given = change.provider.is_some();
    let after = applied(before.clone(), change)?;
    check(writer, &connection, (&before, &after), untested)?;
    // Who describes the provider by hand does not want to have it read from an address any more.
    if is_given && source::forget(writer, connection.no())? {
        audit::record(writer, &id.to_string(), kinds::SamlMetadataFollowed { url: None })?;
    }
    if after == before {
        return Ok((after, false));
    }
    put(writer, connection.no(), &after)?;
    let payload = kinds::SamlChanged {
        state: after.state,
        entity_id: after.provider.as_ref().map(|provider| provider.entity_id.clone()),
        sso_url: after.provider.as_ref().map(|provider| provider.sso_url.clone()),
        signed: after.signed,
        unsolicited: after.unsolicited,
        name_id: after.name_id,
        create_users: after.create_users,
        untested: untested && after.state == State::Enforced,
    };
    audit::record(writer, &id.to_string(), payload)?;
    Ok((after, true))
}

/// Takes a provider over as its metadata describes it, and trusts its certificates.
///
/// # Errors
///
/// Those of [`set`] and of [`certificate::add`].
pub fn describe(
    writer: &mut Writer<'_>,
    id: ConnectionId,
    described: &Described,
    change: &Change,
) -> Result<(Settings, bool), Error> {
    for certificate in &described.certificates {
        certificate::add(writer, id, certificate, true)?;
    }
    set(writer, id, Change { provider: Some(described.provider.clone()), ..change.clone() })
}

/// Whether who asks may change how people sign in: to be known before a provider is asked for its metadata.
///
/// # Errors
///
/// [`Error::Denied`].
pub fn permit_change(reader: &mut Reader<'_>) -> Result<(), Error> {
    reader.permit(Verb::ChangeSignIn)
}

/// The connection whose sign-in is to be changed.
fn changed(writer: &mut Writer<'_>, id: ConnectionId) -> Result<Connection, Error> {
    writer.permit(Verb::ChangeSignIn)?;
    let found = connection::by_id(writer, id)?;
    found.ok_or_else(|| Error::no_such(Noun::Connection, id.to_string()))
}

fn applied(before: Settings, change: Change) -> Result<Settings, Error> {
    let provider = change.provider.map(checked).transpose()?;
    // Another provider has to be tried anew.
    let is_other = provider.is_some() && provider != before.provider;
    Ok(Settings {
        state: change.state.unwrap_or(before.state),
        provider: provider.or(before.provider),
        signed: change.signed.unwrap_or(before.signed),
        unsolicited: change.unsolicited.unwrap_or(before.unsolicited),
        name_id: change.name_id.unwrap_or(before.name_id),
        create_users: change.create_users.unwrap_or(before.create_users),
        tested: before.tested.filter(|_| !is_other),
    })
}

fn checked(provider: Provider) -> Result<Provider, Error> {
    let Provider { entity_id, sso_url, .. } = &provider;
    let plain = |text: &str| !text.is_empty() && !text.chars().any(|c| c.is_control() || c == ' ');
    if !plain(entity_id) || entity_id.chars().count() > LONGEST_ENTITY_ID {
        return Err(Error::invalid(
            "provider-entity-id",
            format!("An entity ID has 1 to {LONGEST_ENTITY_ID} characters, and no blanks."),
        ));
    }
    let is_address = sso_url.starts_with("https://") || is_loopback(sso_url);
    if !plain(sso_url) || sso_url.chars().count() > LONGEST_ADDRESS || !is_address {
        return Err(Error::invalid(
            "sso-url",
            format!(
                "The single sign-on URL of a provider begins with https:// and has at most \
                 {LONGEST_ADDRESS} characters."
            ),
        ));
    }
    Ok(provider)
}

/// A provider on the same machine is one that someone tries things out with.
fn is_loopback(address: &str) -> bool {
    let host = address.strip_prefix("http://").unwrap_or_default();
    ["127.0.0.1", "localhost", "[::1]"].iter().any(|loopback| {
        host.strip_prefix(loopback)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    })
}

fn check(
    writer: &mut Writer<'_>,
    connection: &Connection,
    (before, after): (&Settings, &Settings),
    untested: bool,
) -> Result<(), Error> {
    if after.create_users && connection.protocol != Protocol::None {
        return Err(Error::conflict(
            "create-users",
            "The provider of this connection pushes its users: who comes in is decided there. Users \
             are created on arrival only by a connection without provisioning.",
        ));
    }
    if after.state == State::Off {
        return Ok(());
    }
    if after.provider.is_none() {
        return Err(Error::conflict(
            "state",
            "The provider is not known yet: give its metadata, or its entity ID and its single \
             sign-on URL.",
        ));
    }
    if !certificate::all(writer, connection.no())?.iter().any(|one| one.trusted) {
        return Err(Error::conflict(
            "state",
            "There is no certificate of the provider yet: what it signs could not be verified.",
        ));
    }
    let is_new = before.state != State::Enforced || before.provider != after.provider;
    let needs_test = after.state == State::Enforced && is_new && !untested;
    if needs_test && !after.is_tested(writer.now()) {
        return Err(Error::conflict(
            "state",
            "No test sign-in went well in the last 24 hours. Set the state to testing, sign in \
             once, and then enforce it.",
        ));
    }
    if needs_test && !break_glass::is_ready(writer)? {
        return Err(Error::conflict(
            "state",
            "No administrator could come in without the provider. Make a break-glass account for \
             one, have its owner set a password, and then enforce it.",
        ));
    }
    Ok(())
}

fn put(writer: &mut Writer<'_>, no: ConnectionNo, settings: &Settings) -> Result<(), Error> {
    let provider = settings.provider.as_ref();
    let params = [
        no.into(),
        settings.state.as_str().into(),
        provider.map(|provider| &provider.entity_id).into(),
        provider.map(|provider| &provider.sso_url).into(),
        provider.map(|provider| provider.binding.as_str()).into(),
        settings.signed.as_str().into(),
        settings.unsolicited.into(),
        settings.name_id.as_str().into(),
        settings.create_users.into(),
        settings.tested.into(),
    ];
    writer.execute(PUT, &params).map(drop)
}

/// A test sign-in went well.
pub(crate) fn tested(writer: &mut Writer<'_>, no: ConnectionNo) -> Result<(), Error> {
    let now = writer.now();
    writer.execute(TESTED, &[no.into(), now.into()]).map(drop)
}

/// A connection is deleted.
pub(crate) fn forget(writer: &mut Writer<'_>, no: ConnectionNo) -> Result<(), Error> {
    writer.execute(DELETE, &[no.into()])?;
    source::forget(writer, no)?;
    request_key::forget(writer, no)?;
    certificate::forget(writer, no)
}

#[cfg(test)]
mod tests {
    use super::{Binding, Provider, checked};

    #[test]
    fn a_provider_is_reached_by_tls_or_on_this_machine() {
        let provider = |sso_url: &str| {
            let sso_url = sso_url.to_owned();
            checked(Provider { entity_id: "idp".to_owned(), sso_url, binding: Binding::Redirect })
        };
        for good in ["https://idp.example/sso", "http://127.0.0.1:9000/sso", "http://localhost"] {
            assert!(provider(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "http://idp.example/sso",
            "http://127.0.0.1.example/",
            "https://a b",
            "javascript:x",
        ] {
            assert!(provider(bad).is_err(), "{bad}");
        }
    }
}
