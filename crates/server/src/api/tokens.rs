//! `/organizations/{organization}/connections/{connection}/tokens`: what a provider shows.

use axum::Json;
use directory::{
    Error, Time, Writer,
    token::{self, Token},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    answer::{Done, Made},
    body::{self, Posted},
    context::{ConnectionInPath, TokenInPath},
    page::Page,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, issue)).routes(routes!(revoke))
}

/// A token, without its text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Token)]
struct Shown {
    /// Its number in the organization.
    number: i64,
    /// When it was issued.
    created: String,
    /// When it stops working by itself; null: never.
    expires: Option<String>,
    /// When it was last used, to the minute.
    last_used: Option<String>,
    /// When it was revoked.
    revoked: Option<String>,
}

/// A token that was just issued.
#[derive(Debug, Serialize, ToSchema)]
struct IssuedToken {
    #[serde(flatten)]
    kept: Shown,
    /// The token itself. It is shown once, because only its hash is kept: null where the request was done
    /// before.
    token: Option<String>,
}

/// A token that is to be issued.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    /// When it is to stop working by itself, in RFC 3339. Without it, it works until it is revoked.
    #[serde(default, deserialize_with = "body::time")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Time>,
}

impl From<&Token> for Shown {
    fn from(token: &Token) -> Self {
        let shown = |time: Option<Time>| time.map(|time| time.to_string());
        Self {
            number: token.no.number(),
            created: token.created.to_string(),
            expires: shown(token.expires),
            last_used: shown(token.last_used),
            revoked: shown(token.revoked),
        }
    }
}

/// Lists the tokens of a connection, revoked ones included.
#[utoipa::path(get, path = "/organizations/{organization}/connections/{connection}/tokens",
    tag = "tokens", responses((status = 200, body = Page<Shown>)))]
async fn list(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
) -> Result<Json<Page<Shown>>, HttpError> {
    let tokens = organization.read(move |reader| token::list(reader, id)).await?;
    Ok(Json(Page::whole(tokens.iter().map(Shown::from))))
}

/// Issues a token. Others of the connection keep working.
#[utoipa::path(post, path = "/organizations/{organization}/connections/{connection}/tokens",
    tag = "tokens", request_body = NewToken, responses((status = 201, body = IssuedToken)))]
async fn issue(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    Posted { new, once }: Posted<NewToken>,
) -> Result<Done, HttpError> {
    let (of, expires) = (organization.record().id, new.expires);
    let make = move |writer: &mut Writer<'_>| {
        let issued = token::issue(writer, id, expires)?;
        let at = format!("/organizations/{of}/connections/{id}/tokens/{}", issued.token.no);
        let shown = IssuedToken { kept: (&issued.token).into(), token: None };
        Ok::<_, Error>(Made::new(at, &shown).with_secret("token", issued.reveal()))
    };
    Done::once(&organization, once, make).await
}

/// Revokes a token: it is refused from the next request on.
#[utoipa::path(delete,
    path = "/organizations/{organization}/connections/{connection}/tokens/{token}",
    tag = "tokens", responses((status = 200, body = Shown)))]
async fn revoke(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    TokenInPath(no): TokenInPath,
) -> Result<Json<Shown>, HttpError> {
    let (token, _) = organization.write(move |writer| token::revoke(writer, id, no)).await?;
    Ok(Json((&token).into()))
}
