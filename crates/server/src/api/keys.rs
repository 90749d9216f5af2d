//! `/api-keys` and `/organizations/{organization}/api-keys`.

use axum::Json;
use directory::{
    Error, Time, Writer,
    api_key::{self, ApiKey, NewKey, Scope},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Context, Organization,
    answer::{Created, Done, Made},
    body::{self, Body, Posted},
    context::KeyInPath,
    page::Page,
    words,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_of_installation, create_of_installation))
        .routes(routes!(revoke_of_installation))
        .routes(routes!(list, create))
        .routes(routes!(revoke))
}

/// An API key, without its text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
struct Shown {
    /// Its number, among those of its organization or of the installation.
    number: i64,
    /// The name for people.
    name: String,
    /// What it may do.
    #[schema(schema_with = words::scope)]
    scope: Scope,
    /// When it was made.
    created: String,
    /// When it stops working by itself; null: never.
    expires: Option<String>,
    /// When it was last used, to the minute.
    last_used: Option<String>,
    /// When it was revoked.
    revoked: Option<String>,
}

/// An API key that was just made.
#[derive(Debug, Serialize, ToSchema)]
struct MadeApiKey {
    #[serde(flatten)]
    key: Shown,
    /// The key itself. It is shown once, because only its hash is kept: null where the request was done
    /// before.
    api_key: Option<String>,
}

/// An API key that is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewApiKey {
    /// The name for people.
    name: String,
    /// What it may do.
    #[schema(schema_with = words::scope)]
    scope: Scope,
    /// When it is to stop working by itself, in RFC 3339. Without it the key works until it is revoked.
    #[serde(default, deserialize_with = "body::time")]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires: Option<Time>,
}

impl From<NewApiKey> for NewKey {
    fn from(new: NewApiKey) -> Self {
        Self { name: new.name, scope: new.scope, expires: new.expires }
    }
}

impl From<&ApiKey> for Shown {
    fn from(key: &ApiKey) -> Self {
        let shown = |time: Option<Time>| time.map(|time| time.to_string());
        Self {
            number: key.no.number(),
            name: key.name.clone(),
            scope: key.scope,
            created: key.created.to_string(),
            expires: shown(key.expires),
            last_used: shown(key.last_used),
            revoked: shown(key.revoked),
        }
    }
}

fn page(keys: &[ApiKey]) -> Json<Page<Shown>> {
    Json(Page::whole(keys.iter().map(Shown::from)))
}

/// Lists the keys of the installation, revoked ones included.
#[utoipa::path(get, path = "/api-keys", tag = "api-keys",
    responses((status = 200, body = Page<Shown>)))]
async fn list_of_installation(context: Context) -> Result<Json<Page<Shown>>, HttpError> {
    Ok(page(&context.installation()?.api_keys().await?))
}

/// Makes a key of the installation, which reaches every organization.
#[utoipa::path(post, path = "/api-keys", tag = "api-keys",
    request_body = NewApiKey, responses((status = 201, body = MadeApiKey)))]
async fn create_of_installation(
    context: Context,
    Body(new): Body<NewApiKey>,
) -> Result<Created<Json<MadeApiKey>>, HttpError> {
    let made = context.installation()?.create_api_key(new.into()).await?;
    let body = MadeApiKey { key: (&made.key).into(), api_key: Some(made.reveal().to_owned()) };
    Ok(Created { at: format!("/api-keys/{}", made.key.no), body: Json(body) })
}

/// Revokes a key of the installation: it is refused from the next request on.
#[utoipa::path(delete, path = "/api-keys/{key}", tag = "api-keys",
    responses((status = 200, body = Shown)))]
async fn revoke_of_installation(
    context: Context,
    KeyInPath(no): KeyInPath,
) -> Result<Json<Shown>, HttpError> {
    let (key, _) = context.installation()?.revoke_api_key(no).await?;
    Ok(Json((&key).into()))
}

/// Lists the keys of an organization, revoked ones included.
#[utoipa::path(get, path = "/organizations/{organization}/api-keys", tag = "api-keys",
    responses((status = 200, body = Page<Shown>)))]
async fn list(organization: Organization) -> Result<Json<Page<Shown>>, HttpError> {
    Ok(page(&organization.read(api_key::list).await?))
}

/// Makes a key of an organization, which reaches no other.
#[utoipa::path(post, path = "/organizations/{organization}/api-keys", tag = "api-keys",
    request_body = NewApiKey, responses((status = 201, body = MadeApiKey)))]
async fn create(
    organization: Organization,
    Posted { new, once }: Posted<NewApiKey>,
) -> Result<Done, HttpError> {
    let (id, new) = (organization.record().id, NewKey::from(new));
    let make = move |writer: &mut Writer<'_>| {
        let made = api_key::create(writer, &new)?;
        let at = format!("/organizations/{id}/api-keys/{}", made.key.no);
        let shown = MadeApiKey { key: (&made.key).into(), api_key: None };
        Ok::<_, Error>(Made::new(at, &shown).with_secret("api_key", made.reveal()))
    };
    Done::once(&organization, once, make).await
}

/// Revokes a key of an organization: it is refused from the next request on.
#[utoipa::path(delete, path = "/organizations/{organization}/api-keys/{key}", tag = "api-keys",
    responses((status = 200, body = Shown)))]
async fn revoke(
    organization: Organization,
    KeyInPath(no): KeyInPath,
) -> Result<Json<Shown>, HttpError> {
    let (key, _) = organization.write(move |writer| api_key::revoke(writer, no)).await?;
    Ok(Json((&key).into()))
}
