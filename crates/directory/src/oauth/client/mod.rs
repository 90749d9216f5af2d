//! [`Client`]: a program that asks for tokens.
//!
//! A client belongs to the installation, or to one organization: then its identifier begins with the
//! organization's number, so that one read finds it.

pub(crate) mod create;
pub(crate) mod secret;
mod shelf;

use serde::{Deserialize, Serialize};

use ::oauth::{
    ClientId, ClientKind, RedirectUri, Scopes,
    client::{Authentication, ClientSecret as KnownSecret, Federation},
    jose::{Algorithm, KeySet},
};

use self::shelf::on_shelf;
pub use self::{
    create::{Created, NewClient, NewProof, create},
    secret::{KeptSecret, rotate},
};
use super::grant;
use crate::{
    access::{Access, Verb},
    audit::{INSTALLATION, kinds},
    clock::Time,
    connection,
    credential::base62,
    db::{Row, statements},
    error::{Error, Noun},
    id::{ConnectionId, ConnectionNo, OrgNo},
    installation::Installation,
    organization,
    session::SignedIn,
    sign_in::SamlConnection,
    store::{Reader, Store, Writer},
};

statements! {
    GET = Sql {
        "select id, kind, name, connection, created, doc from oauth_client \
         where org = $1 and id = $2"
    };
    ALL = Sql {
        "select id, kind, name, connection, created, doc from oauth_client \
         where org = $1 order by id limit 1000"
    };
    THERE = Sql { "select id from oauth_client where org = $1 and id = $2" };
    DELETE = Sql { "delete from oauth_client where org = $1 and id = $2 returning id" };
}

/// The digits of an identifier, after the organization.
const DIGITS: usize = 22;

/// A program that asks for tokens.
#[derive(Clone, Debug)]
pub struct Client {
    /// What the rules are applied to.
    pub registered: ::oauth::Client,
    /// The name for people.
    pub name: String,
    /// The connection whose SCIM a machine serves.
    pub connection: Option<ConnectionId>,
    /// Where it is told that a session is over (OpenID Connect Back-Channel Logout §2.2).
    pub logout_uri: Option<RedirectUri>,
    /// When it was made.
    pub created: Time,
    /// Where its public keys are published, or those of the identity provider that vouches for it: they are
    /// to be read before it is judged. `None`: what is registered is all.
    pub jwks_uri: Option<String>,
    /// Its secrets, oldest first.
    pub secrets: Vec<KeptSecret>,
    home: OrgNo,
    connection_no: Option<ConnectionNo>,
}

impl Client {
    /// Its identifier.
    #[must_use]
    pub fn id(&self) -> &ClientId {
        &self.registered.id
    }

    /// Whether it serves people of this organization: its own, or any where it is the installation's.
    pub(crate) fn serves(&self, org: OrgNo) -> bool {
        self.home == INSTALLATION || self.home == org
    }

    /// Whether this person may sign in to it, or let it in.
    #[must_use]
    pub fn is_for(&self, signed_in: &SignedIn) -> bool {
        self.serves(signed_in.access.org())
    }

    /// Whether whoever signs in through a connection may sign in to it.
    #[must_use]
    pub fn is_for_connection(&self, saml: &SamlConnection) -> bool {
        self.serves(saml.org())
    }

    /// Whether it is the installation's.
    #[must_use]
    pub fn is_of_installation(&self) -> bool {
        self.home == INSTALLATION
    }

    pub(crate) fn home(&self) -> OrgNo {
        self.home
    }

    pub(crate) fn connection_no(&self) -> Option<ConnectionNo> {
        self.connection_no
    }
}

/// What is kept of a client as a document.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Document {
    proof: Proof,
    redirect_uris: Vec<String>,
    any_loopback_port: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    post_logout_redirect_uris: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    logout_uri: Option<String>,
    scopes: String,
    id_token_algorithm: String,
}

/// How a client proves who it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Proof {
    Public,
    /// The secrets are rows of their own.
    Secret {
        in_body: bool,
    },
    /// Its public keys, as a JWK Set.
    Keys(serde_json::Value),
    /// Its public keys are a JWK Set at this address.
    KeysAt(String),
    /// An identity provider vouches for it.
    Federated(Voucher),
}

/// An identity provider that vouches for a client: all of it must be in its token, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    /// `iss`: `https://login.microsoftonline.com/{tenant}/v2.0`.
    pub issuer: String,
    /// `sub`: the object id of the identity.
    pub subject: String,
    /// `aud`: `api://{application}`.
    pub audience: String,
    /// `tid`.
    pub tenant: String,
    /// Where the provider's keys are.
    pub jwks_uri: String,
}

impl Proof {
    /// Where the keys are that it is judged by, if not here.
    fn jwks_uri(&self) -> Option<&str> {
        match self {
            Self::KeysAt(url) => Some(url),
            Self::Federated(voucher) => Some(&voucher.jwks_uri),
            Self::Public | Self::Secret { .. } | Self::Keys(_) => None,
        }
    }
}

impl Document {
    /// `None`: it is not what was written.
    fn registered(
        &self,
        id: ClientId,
        kind: ClientKind,
        secrets: &[KeptSecret],
    ) -> Option<::oauth::Client> {
        let uris = |texts: &[String]| {
            texts.iter().map(|text| RedirectUri::parse(text).ok()).collect::<Option<Vec<_>>>()
        };
        let authentication = match &self.proof {
            Proof::Public => Authentication::Public,
            Proof::Secret { in_body } => {
                let secrets = secrets.iter().map(KeptSecret::known).collect::<Vec<KnownSecret>>();
                Authentication::Secret { secrets, in_body: *in_body }
            }
            Proof::Keys(set) => {
                let keys = KeySet::parse(set.to_string().as_bytes()).ok()?;
                Authentication::PrivateKeyJwt { keys }
            }
            // Whoever judges reads the keys first.
            Proof::KeysAt(_) => Authentication::PrivateKeyJwt { keys: KeySet::default() },
            Proof::Federated(voucher) => Authentication::Federated(Federation {
                issuer: voucher.issuer.clone(),
                subject: voucher.subject.clone(),
                audience: voucher.audience.clone(),
                tenant: voucher.tenant.clone(),
                keys: KeySet::default(),
            }),
        };
        Some(::oauth::Client {
            id,
            kind,
            authentication,
            redirect_uris: uris(&self.redirect_uris)?,
            any_loopback_port: self.any_loopback_port,
            post_logout_redirect_uris: uris(&self.post_logout_redirect_uris)?,
            scopes: Scopes::parse(&self.scopes).ok()?,
            id_token_algorithm: Algorithm::parse(&self.id_token_algorithm)?,
        })
    }
}

/// The kind of this name.
#[must_use]
pub fn parse_kind(text: &str) -> Option<ClientKind> {
    let all = [ClientKind::Application, ClientKind::Provider, ClientKind::Machine];
    all.into_iter().find(|kind| kind.as_str() == text)
}

/// A client's identifier, new.
fn new_id(home: OrgNo, bytes: [u8; 16]) -> ClientId {
    let digits = base62::encode::<16, DIGITS>(bytes);
    let text = if home == INSTALLATION {
        digits
    } else {
        format!("{}-{digits}", base62::encode_number(home.0))
    };
    ClientId::parse(&text).expect("digits and a hyphen are an identifier")
}

/// Where a client is to be looked for. `None`: no client has this identifier.
fn home_of(id: &ClientId) -> Option<OrgNo> {
    let (home, digits) = match id.as_str().split_once('-') {
        None => (INSTALLATION, id.as_str()),
        Some((org, digits)) => (OrgNo(base62::decode_number(org)?), digits),
    };
    (digits.len() == DIGITS && base62::is_digits(digits)).then_some(home)
}

/// The client with this identifier, if there is one.
///
/// # Errors
///
/// Those of the store.
pub async fn find(store: &Store, id: &ClientId) -> Result<Option<Client>, Error> {
    let Some(home) = home_of(id) else { return Ok(None) };
    let id = id.clone();
    // To look it up is Doorward's own business; anyone may name a client.
    let access = Access::system(home);
    store.read_unproven(&access, move |reader| by_id(reader, &id)).await
}

fn by_id(reader: &mut Reader<'_>, id: &ClientId) -> Result<Option<Client>, Error> {
    if reader.org() != INSTALLATION {
        match organization::read(reader) {
            Err(Error::NotFound { .. }) => return Ok(None),
            read => drop(read?),
        }
    }
    let row = reader.query_one(GET, &[id.as_str().into()])?;
    row.map(|row| from_row(reader, row)).transpose()
}

/// Whether a client of the organization was not deleted.
pub(super) fn is_there(reader: &mut Reader<'_>, id: &ClientId) -> Result<bool, Error> {
    Ok(reader.query_one(THERE, &[id.as_str().into()])?.is_some())
}

fn from_row(reader: &mut Reader<'_>, mut row: Row) -> Result<Client, Error> {
    let id: String = row.get("id")?;
    let id = ClientId::parse(&id).ok_or_else(|| row.damaged("id", "it is no identifier"))?;
    let kind: String = row.get("kind")?;
    let kind = parse_kind(&kind).ok_or_else(|| row.damaged("kind", "it is no kind of client"))?;
    let doc: String = row.get("doc")?;
    let doc: Document =
        serde_json::from_str(&doc).map_err(|error| row.damaged("doc", error.to_string()))?;
    let secrets = secret::of(reader, &id)?;
    let registered = doc.registered(id, kind, &secrets);
    let mut registered = registered.ok_or_else(|| row.damaged("doc", "a value is none"))?;
    let logout_uri = doc.logout_uri.as_deref().map(RedirectUri::parse).transpose();
    let connection_no: Option<ConnectionNo> = row.get("connection")?;
    let connection = match connection_no {
        None => None,
        Some(no) => connection::by_no(reader, no)?,
    };
    if connection.as_ref().is_some_and(|connection| connection.ipsie)
        && let Authentication::Secret { in_body, .. } = &mut registered.authentication
    {
        *in_body = false;
    }
    let connection = connection.map(|connection| connection.id);
    Ok(Client {
        registered,
        name: row.get("name")?,
        connection,
        logout_uri: logout_uri.map_err(|fault| row.damaged("doc", fault.to_string()))?,
        created: row.get("created")?,
        jwks_uri: doc.proof.jwks_uri().map(str::to_owned),
        secrets,
        home: reader.org(),
        connection_no,
    })
}

/// The client that an operator names, and the access to the organization that it belongs to.
///
/// # Errors
///
/// [`Error::NotFound`].
pub async fn get(installation: &Installation, id: &str) -> Result<Client, Error> {
    let missing = || Error::no_such(Noun::Client, id);
    let id = ClientId::parse(id).ok_or_else(missing)?;
    find(installation.store(), &id).await?.ok_or_else(missing)
}

/// The clients of an organization, by identifier.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn list(reader: &mut Reader<'_>) -> Result<Vec<Client>, Error> {
    reader.permit(Verb::ReadClients)?;
    all(reader)
}

fn all(reader: &mut Reader<'_>) -> Result<Vec<Client>, Error> {
    let rows = reader.query(ALL, &[])?;
    rows.into_iter().map(|row| from_row(reader, row)).collect()
}

/// The clients of the installation, by identifier.
///
/// # Errors
///
/// Those of the store.
pub async fn of_installation(installation: &Installation) -> Result<Vec<Client>, Error> {
    installation.store().read(&Access::system(INSTALLATION), all).await
}

/// Deletes a client. All that it was granted ends: at home in the same transaction, then in every
/// organization that an application or a provider of the installation may serve.
///
/// Cost: O(organizations) for a client of the installation.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Denied`].
pub async fn delete(installation: &Installation, client: &Client) -> Result<(), Error> {
    let (id, name) = (client.id().clone(), client.name.clone());
    on_shelf(installation, client.home, {
        let id = id.clone();
        move |shelf| {
            if shelf.change(DELETE, &[id.as_str().into()])?.is_empty() {
                return Err(Error::no_such(Noun::Client, id.as_str()));
            }
            shelf.send(secret::DELETE, &[id.as_str().into()])?;
            shelf.send(grant::END_OF_CLIENT, &grant::ending_of_client(&id, shelf.now()))?;
            shelf.record(id.as_str(), kinds::ClientDeleted { name: name.clone() })
        }
    })
    .await?;
    if !client.is_of_installation() {
        return Ok(());
    }
    for (access, _) in organization::list(installation).await? {
        let id = id.clone();
        let end =
            move |writer: &mut Writer<'_>| grant::end_of_client(writer, &id, "client-deleted");
        match installation.store().write(&access, end).await {
            Ok(_) | Err(Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Ends all that a client was granted in the organization: its tokens stop working. The client itself
/// stays, and may be granted something again. Answers how many grants ended.
///
/// # Errors
///
/// [`Error::Denied`]; those of the store.
pub fn withdraw(writer: &mut Writer<'_>, id: &ClientId) -> Result<u64, Error> {
    writer.permit(Verb::ManageClients)?;
    grant::end_of_client(writer, id, "withdrawn")
}

#[cfg(test)]
mod tests {
    use ::oauth::ClientId;

    use super::{home_of, new_id};
    use crate::{audit::INSTALLATION, id::OrgNo};

    #[test]
    fn an_identifier_says_where_its_client_is() {
        for home in [INSTALLATION, OrgNo(7), OrgNo((1 << 40) - 1)] {
            assert_eq!(home_of(&new_id(home, [0xff; 16])), Some(home));
            assert_eq!(home_of(&new_id(home, [0; 16])), Some(home));
        }
        for other in ["a", "-", "0-0000000000000000000000", "7-", "7-7-0000000000000000000000"] {
            let other = ClientId::parse(other).expect("an identifier");
            assert_eq!(home_of(&other), None, "{other}");
        }
    }
}
