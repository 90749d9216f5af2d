//! [`Way`]: by which way a person who is to sign in does so.

use ::oauth::AuthorizationError;
use axum::response::{IntoResponse, Response};
use directory::{
    ConnectionId, Error,
    session::SignedIn,
    sign_in::{self, SamlConnection},
};
use form_urlencoded::Serializer;
use http::HeaderMap;

use super::{
    pages::{Choice, ChooseConnection},
    request::Asked,
};
use crate::{
    App,
    error::HttpError,
    page::Page,
    sign_in::{acs::see_other, address, login::Begin},
};

/// By which way a person signs in.
enum Way {
    /// Through a connection.
    Through(Box<SamlConnection>),
    /// Through one of several.
    OneOf(Vec<SamlConnection>),
    /// The person says who it is, at `/signin`.
    Asked,
    /// By none: what the request names leads to no connection that people sign in through.
    None,
}

/// Sends the browser to where the person signs in. `again`: even if the provider knows who it is.
pub(super) async fn sign_in(
    app: &App,
    asked: &Asked,
    known: Option<&SignedIn>,
    again: bool,
    headers: &HeaderMap,
) -> Result<Response, HttpError> {
    match Way::of(app, asked, known).await? {
        Way::Through(saml) => {
            let begin = Begin { saml: &saml, return_to: &asked.way_back(), again };
            let sent = begin.send(app, headers).await?;
            Ok(sent.unwrap_or_else(|| asked.refuse(AuthorizationError::NoConnection)))
        }
        Way::OneOf(ways) => {
            let choice = |way: &SamlConnection| {
                let id = way.connection.id.to_string();
                let address = format!("{}&connection={id}", asked.address());
                Choice { label: way.connection.label(), address, id }
            };
            let organization =
                ways.first().map_or(String::new(), |way| way.organization.name.clone());
            let choices = ways.iter().map(choice).collect();
            Ok(Page::ok(ChooseConnection { organization, choices }).into_response())
        }
        Way::Asked => {
            let return_to = asked.address();
            // What is longer does not stand in an address; the application names the organization then.
            if return_to.len() > address::LONGEST {
                return Ok(asked.refuse(AuthorizationError::NoConnection));
            }
            let mut query = Serializer::new(String::new());
            query.append_pair("return_to", &return_to);
            if let Some(hint) = &asked.request.login_hint {
                query.append_pair("login_hint", hint);
            }
            Ok(see_other(&format!("/signin?{}", query.finish())))
        }
        Way::None => Ok(asked.refuse(AuthorizationError::NoConnection)),
    }
}

impl Way {
    async fn of(app: &App, asked: &Asked, known: Option<&SignedIn>) -> Result<Self, HttpError> {
        let (store, request) = (app.store(), &asked.request);
        if let Some(id) = &request.connection {
            let Some(id) = ConnectionId::parse(id) else { return Ok(Self::None) };
            let found = match sign_in::find(store, id).await {
                Err(Error::NotFound { .. }) => return Ok(Self::None),
                found => found?,
            };
            let is_named = |name: &String| {
                *name == found.organization.id.to_string()
                    || name == found.organization.slug.as_str()
            };
            let is_meant = request.organization.as_ref().is_none_or(is_named);
            let is_served = asked.client.is_for_connection(&found);
            let is_open = is_meant && is_served && found.is_open();
            return Ok(if is_open { Self::Through(Box::new(found)) } else { Self::None });
        }
        // Who signs in again does so by the same way.
        if let Some(connection) = known.and_then(|known| known.connection.as_ref()) {
            let found = sign_in::find(store, connection.id).await?;
            return Ok(if found.is_open() { Self::Through(Box::new(found)) } else { Self::Asked });
        }
        let mut ways = match &request.organization {
            Some(name) => sign_in::ways(store, name).await?,
            None => sign_in::ways_of(store, &asked.client).await?,
        };
        ways.retain(|way| asked.client.is_for_connection(way));
        if request.organization.is_none() && ways.is_empty() {
            return Ok(Self::Asked);
        }
        Ok(match ways.len() {
            0 => Self::None,
            1 => Self::Through(Box::new(ways.remove(0))),
            _ => Self::OneOf(ways),
        })
    }
}
