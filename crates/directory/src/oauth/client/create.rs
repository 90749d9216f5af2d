//! Making a client: what each kind must have, and must not.

use std::time::Duration;

use ::oauth::{ClientKind, RedirectUri, Scopes, Secret, jose::Algorithm, scope};

use super::{Client, Document, Proof, Voucher, new_id, secret, shelf::Shelf, shelf::on_shelf};
use crate::{
    access::Access,
    audit::{INSTALLATION, kinds},
    connection::{Connection, Protocol},
    db::statements,
    error::Error,
    id::OrgNo,
    installation::Installation,
    name,
};

statements! {
    INSERT = Sql {
        "insert into oauth_client (org, id, kind, name, connection, created, doc) \
         values ($1, $2, $3, $4, $5, $6, $7)"
    };
}

/// The longest name of a client, in characters.
pub(crate) const LONGEST_NAME: usize = 100;
/// Most addresses of one client.
pub(crate) const MOST_REDIRECT_URIS: usize = 50;

/// A client that is to be made.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// The name for people.
    pub name: String,
    /// What it is for.
    pub kind: ClientKind,
    /// How it is to prove who it is.
    pub proof: NewProof,
    /// Where answers for it may be sent to.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a browser may be sent to after a sign-out.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where it is told that a session is over.
    pub logout_uri: Option<RedirectUri>,
    /// What it may ask for; nothing is what its kind usually asks for.
    pub scopes: Scopes,
    /// What its ID tokens are signed with.
    pub id_token_algorithm: Algorithm,
    /// The connection whose SCIM a machine serves; without one it is for the management API.
    pub connection: Option<Connection>,
}

/// How a new client is to prove who it is.
#[derive(Clone, Debug)]
pub enum NewProof {
    /// Not at all.
    Public,
    /// By a secret that works for so long; without an end where there is none.
    Secret {
        /// How long.
        lives: Option<Duration>,
        /// Whether it may stand in the body of a request, too.
        in_body: bool,
    },
    /// By the keys of this JWK Set.
    Keys(serde_json::Value),
    /// By the keys of the JWK Set at this address, which is read again and again.
    KeysAt(String),
    /// By the token of an identity provider that vouches for it (Entra ID's workload identity federation).
    Federated(Voucher),
}

/// A client that was just made.
#[derive(Clone, Debug)]
pub struct Created {
    /// The client.
    pub client: Client,
    /// Its secret, which is shown once.
    pub secret: Option<Secret>,
}

impl NewClient {
    /// What it may ask for.
    fn scopes_in_force(&self) -> Scopes {
        if !self.scopes.is_empty() {
            return self.scopes.clone();
        }
        let usual = match self.kind {
            ClientKind::Application => "openid profile email groups offline_access",
            ClientKind::Provider => "scim offline_access",
            ClientKind::Machine if self.connection.is_some() => scope::SCIM,
            // As an API key: to look, where no one says that it may do more.
            ClientKind::Machine => scope::API_READ,
        };
        Scopes::parse(usual).expect("these are scopes")
    }

    fn check(&self, scopes: &Scopes) -> Result<(), Error> {
        let is_machine = self.kind == ClientKind::Machine;
        if is_machine != self.redirect_uris.is_empty() {
            let detail = if is_machine {
                "A machine has no redirect URI: no browser brings it anything."
            } else {
                "An application or a provider has a redirect URI."
            };
            return Err(Error::invalid("redirect-uri", detail));
        }
        if self.redirect_uris.len().max(self.post_logout_redirect_uris.len()) > MOST_REDIRECT_URIS {
            let detail = format!("A client has at most {MOST_REDIRECT_URIS} addresses of a kind.");
            return Err(Error::invalid("redirect-uri", detail));
        }
        if self.kind != ClientKind::Application && matches!(self.proof, NewProof::Public) {
            return Err(Error::invalid("public", "Only an application may keep no secret."));
        }
        if let NewProof::Federated(Voucher { issuer, subject, audience, tenant, .. }) = &self.proof
        {
            let invalid = |detail| Err(Error::invalid("federated-issuer", detail));
            if !is_machine {
                return invalid("An identity provider vouches for a machine only.");
            }
            if [issuer, subject, audience, tenant].into_iter().any(String::is_empty) {
                return invalid("Issuer, subject, audience and tenant are all needed.");
            }
        }
        let granted: &[&str] = match self.kind {
            ClientKind::Application => {
                &[scope::OPENID, scope::PROFILE, scope::EMAIL, scope::GROUPS, scope::OFFLINE_ACCESS]
            }
            ClientKind::Provider => &[scope::SCIM, scope::OFFLINE_ACCESS],
            ClientKind::Machine if self.connection.is_some() => &[scope::SCIM],
            ClientKind::Machine => &scope::OF_API,
        };
        if let Some(other) = scopes.iter().find(|scope| !granted.contains(scope)) {
            let detail =
                format!("Such a client has no scope \"{other}\", but: {}.", granted.join(", "));
            return Err(Error::invalid("scope", detail));
        }
        if self.kind == ClientKind::Application && !scopes.contains(scope::OPENID) {
            return Err(Error::invalid("scope", "An application has the scope openid."));
        }
        match &self.connection {
            Some(_) if !is_machine => {
                Err(Error::invalid("connection", "Only a machine belongs to a connection."))
            }
            Some(connection) if connection.protocol == Protocol::None => {
                Err(Error::invalid("connection", "The connection is for sign-in only."))
            }
            _ => Ok(()),
        }
    }

    fn document(&self, scopes: &Scopes) -> Document {
        let texts = |uris: &[RedirectUri]| uris.iter().map(|uri| uri.as_str().to_owned()).collect();
        Document {
            proof: match &self.proof {
                NewProof::Public => Proof::Public,
                NewProof::Secret { in_body, .. } => Proof::Secret { in_body: *in_body },
                NewProof::Keys(set) => Proof::Keys(set.clone()),
                NewProof::KeysAt(url) => Proof::KeysAt(url.clone()),
                NewProof::Federated(voucher) => Proof::Federated(voucher.clone()),
            },
            redirect_uris: texts(&self.redirect_uris),
            // RFC 8252 §7.3: the application on a person's machine takes any free port.
            any_loopback_port: self.kind == ClientKind::Application,
            post_logout_redirect_uris: texts(&self.post_logout_redirect_uris),
            logout_uri: self.logout_uri.as_ref().map(|uri| uri.as_str().to_owned()),
            scopes: scopes.to_string(),
            id_token_algorithm: self.id_token_algorithm.as_str().to_owned(),
        }
    }
}

/// Makes a client: of an organization, or (`None`) of the installation.
///
/// # Errors
///
/// [`Error::Invalid`]; [`Error::Denied`].
pub async fn create(
    installation: &Installation,
    owner: Option<&Access>,
    new: NewClient,
) -> Result<Created, Error> {
    let new = NewClient { name: name::parse(&new.name, "name", "A client", LONGEST_NAME)?, ..new };
    let scopes = new.scopes_in_force();
    new.check(&scopes)?;
    let home = owner.map_or(INSTALLATION, Access::org);
    on_shelf(installation, home, move |shelf| insert(shelf, home, &new, &scopes)).await
}

fn insert(
    shelf: &mut Shelf<'_, '_>,
    home: OrgNo,
    new: &NewClient,
    scopes: &Scopes,
) -> Result<Created, Error> {
    let id = new_id(home, shelf.random().bytes());
    let (now, document) = (shelf.now(), new.document(scopes));
    let doc = serde_json::to_string(&document).map_err(|error| Error::Store(Box::new(error)))?;
    shelf.send(
        INSERT,
        &[
            id.as_str().into(),
            new.kind.as_str().into(),
            (&new.name).into(),
            new.connection.as_ref().map(Connection::no).into(),
            now.into(),
            (&doc).into(),
        ],
    )?;
    let made = match &new.proof {
        NewProof::Secret { lives, .. } => {
            Some(secret::issue(shelf, &id, 1, lives.map(|lives| now.plus(lives)))?)
        }
        NewProof::Public | NewProof::Keys(_) | NewProof::KeysAt(_) | NewProof::Federated(_) => None,
    };
    let payload = kinds::ClientCreated {
        name: new.name.clone(),
        kind: new.kind.as_str().to_owned(),
        scopes: scopes.to_string(),
        connection: new.connection.as_ref().map(|connection| connection.id),
        redirect_uris: document.redirect_uris.clone(),
    };
    shelf.record(id.as_str(), payload)?;
    let (secret, kept) = made.unzip();
    let secrets: Vec<_> = kept.into_iter().collect();
    let registered = document.registered(id, new.kind, &secrets);
    let registered = registered.ok_or_else(|| Error::invalid("jwks", "This is no JWK Set."))?;
    Ok(Created {
        client: Client {
            registered,
            name: new.name.clone(),
            connection: new.connection.as_ref().map(|connection| connection.id),
            logout_uri: new.logout_uri.clone(),
            created: now,
            jwks_uri: document.proof.jwks_uri().map(str::to_owned),
            secrets,
            home,
            connection_no: new.connection.as_ref().map(Connection::no),
        },
        secret,
    })
}
