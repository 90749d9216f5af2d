//! A code for a client: a person signs in to an application, a superadmin lets a provider in.

use std::time::Duration;

use ::oauth::{AuthorizationRequest, Secret, limit::CODE_LIFETIME};

use super::{
    Client,
    grant::{self, Giver, Grant},
    token::{Purpose, Terms, Token},
};
use crate::{
    access::Verb,
    audit::{self, kinds},
    clock::Time,
    connection::{self, Connection, Protocol, State},
    error::{Error, Rule},
    id::{ConnectionId, GrantId},
    organization,
    plan::{self, Feature},
    session::{self, SignedIn},
    store::{Reader, Writer},
};

/// A person who is signed in signs in to an application. The application gets a code, which lives for
/// a minute; what it is exchanged for lives no longer than the session.
///
/// # Errors
///
/// [`Error::Denied`], also where the application is another organization's.
pub fn authorize(
    writer: &mut Writer<'_>,
    signed_in: &SignedIn,
    client: &Client,
    request: &AuthorizationRequest,
) -> Result<Secret, Error> {
    writer.permit(Verb::Authorize)?;
    check_home(writer, client)?;
    session::answered(writer, &signed_in.session)?;
    let expires = signed_in.session.expires;
    give(writer, client, Giver::Person(signed_in), request, expires)
}

/// The connections of the organization that a provider may be let in for: those that are provisioned.
///
/// # Errors
///
/// [`Error::Denied`] to whoever may not let one in, and where the plan does not include provisioning.
pub fn provisioned(reader: &mut Reader<'_>, client: &Client) -> Result<Vec<Connection>, Error> {
    reader.permit(Verb::Consent)?;
    check_home(reader, client)?;
    let organization = organization::read(reader)?;
    if !plan::includes(reader, organization.plan.as_deref(), Feature::Scim)? {
        let detail = "The plan of the organization does not include provisioning with SCIM.";
        return Err(Error::denied(Rule::NotEntitled, detail));
    }
    let mut all = connection::all(reader)?;
    all.retain(|one| one.protocol != Protocol::None && one.state != State::Disabled);
    Ok(all)
}

/// A superadmin lets a provider in for one connection of the organization. The grant is the
/// organization's, and outlives the superadmin.
///
/// # Errors
///
/// As [`provisioned`]; [`Error::NotFound`] where the connection is none of those.
pub fn consent(
    writer: &mut Writer<'_>,
    client: &Client,
    request: &AuthorizationRequest,
    connection: ConnectionId,
) -> Result<Secret, Error> {
    let mut all = provisioned(writer, client)?.into_iter();
    let connection = all.find(|one| one.id == connection);
    let missing = || Error::not_found(crate::error::Noun::Connection);
    let connection = connection.ok_or_else(missing)?;
    // Until the code is exchanged there is nothing to keep.
    let expires = writer.now().plus(lifetime());
    give(writer, client, Giver::Organization(&connection), request, expires)
}

fn check_home(reader: &Reader<'_>, client: &Client) -> Result<(), Error> {
    if client.serves(reader.org()) {
        return Ok(());
    }
    Err(Error::denied(Rule::NotPermitted, "This client is another organization's."))
}

/// So long a code lives.
fn lifetime() -> Duration {
    CODE_LIFETIME.unsigned_abs()
}

fn give(
    writer: &mut Writer<'_>,
    client: &Client,
    giver: Giver<'_>,
    request: &AuthorizationRequest,
    expires: Time,
) -> Result<Secret, Error> {
    let now = writer.now();
    let id = GrantId::random(writer.random());
    let grant = Grant::new(id, client.id(), giver, &request.scopes, (now, expires));
    let logout_uri = client.logout_uri.as_ref().map(::oauth::RedirectUri::as_str);
    grant::insert(&grant, logout_uri, |sql, params| writer.send(sql, params))?;
    let terms = Terms {
        redirect_uri: request.callback.named_redirect_uri().map(str::to_owned),
        challenge: request.code_challenge.as_ref().map(::oauth::CodeChallenge::to_text),
        nonce: request.nonce.clone(),
        ..Terms::of(&request.scopes)
    };
    let (org, random) = (writer.org(), writer.random());
    let times = (now, now.plus(lifetime()));
    let (code, token) = Token::new((org, random), Purpose::Code, &grant, terms, times);
    token.keep(|sql, params| writer.send(sql, params))?;
    let (user, connection) = match giver {
        Giver::Person(signed_in) => (Some(signed_in.user.name().to_owned()), None),
        Giver::Organization(connection) => (None, Some(connection.id)),
        Giver::Doorward(_) => (None, None),
    };
    let payload = kinds::GrantGiven {
        client: client.id().to_string(),
        name: client.name.clone(),
        user,
        connection,
        scopes: request.scopes.to_string(),
    };
    audit::record(writer, &id.to_string(), payload)?;
    Ok(code)
}
