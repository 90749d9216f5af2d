//! What is told of a person, in an ID token and by userinfo.

use ::oauth::openid::{IdToken, Organization, Person, SignIn};
use directory::{
    oauth::{
        Client, key,
        redeem::{Issued, Told},
    },
    session::SignedIn,
};
use jiff::Timestamp;
use scim::Value;

use super::issuer;
use crate::{App, error::HttpError};

/// The claims about a person, at this moment.
pub(super) fn claims(signed_in: &SignedIn, email_verified: bool) -> Person {
    let SignedIn { user, organization, roles, groups, .. } = signed_in;
    let name = user.attributes.get("name").and_then(Value::as_complex);
    let part = |part: &str| name.and_then(|name| name.str(part)).map(str::to_owned);
    Person {
        subject: user.id.to_string(),
        email: user.email().map(str::to_owned),
        email_verified,
        name: user.display_name(),
        given_name: part("givenName"),
        family_name: part("familyName"),
        preferred_username: user.name().to_owned(),
        organization: Organization {
            id: organization.id.to_string(),
            slug: organization.slug.to_string(),
            name: organization.name.clone(),
        },
        roles: roles.iter().map(|held| held.role.name.to_string()).collect(),
        groups: groups.iter().map(|group| group.display.clone()).collect(),
    }
}

/// The ID token that goes along with tokens which were just made.
pub(super) async fn id_token(
    app: &App,
    client: &Client,
    issued: &Issued,
) -> Result<Option<String>, HttpError> {
    let Some(told) = &issued.person else { return Ok(None) };
    let Told { signed_in, email_verified, session_id, nonce } = told;
    let store = app.store();
    let key = key::signing(store, client.registered.id_token_algorithm).await?;
    let session = &signed_in.session;
    let token = IdToken {
        issuer: &issuer(app),
        client_id: client.id(),
        person: &claims(signed_in, *email_verified),
        scopes: &issued.scopes,
        sign_in: &SignIn {
            auth_time: session.authenticated().timestamp(),
            acr: session.about.authn_context.clone(),
            amr: session.about.methods.clone(),
            session_expiry: Some(session.expires.timestamp()),
            session_id: session_id.clone(),
        },
        nonce: nonce.as_deref(),
        access_token: Some(&issued.access_token),
    };
    let now: Timestamp = store.clock().now().timestamp();
    let signed = token.sign(&key.signing, now);
    signed.map(Some).map_err(|error| HttpError::internal().caused_by(&error))
}
