//! `/organizations/{organization}/connections`: the links to identity providers.

use ::scim::Profile;
use axum::{Json, http::StatusCode};
use directory::{
    Error, Writer,
    connection::{self, Connection, NewConnection, Protocol, Provider, State},
    removal::Limits,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    answer::{Done, Made},
    body::{Body, Member, Posted},
    context::ConnectionInPath,
    page::Page,
    words,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, delete))
        .routes(routes!(enable))
        .routes(routes!(disable))
}

/// The link between an organization and an identity provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Connection)]
struct Shown {
    /// It stands in the addresses of its own.
    id: String,
    /// The name for people.
    name: Option<String>,
    /// Who is at the other end.
    #[schema(schema_with = words::provider)]
    provider: Provider,
    /// What is spoken.
    #[schema(schema_with = words::protocol)]
    protocol: Protocol,
    /// Whether it is in use.
    #[schema(schema_with = words::connection_state)]
    state: State,
    /// What is accepted leniently in its requests.
    profile: String,
    /// Whether that was chosen for it, and is not the one of its provider.
    profile_chosen: bool,
    /// The base URL to give to the provider: the same for all connections, or (`own_base_url`) of this
    /// one alone. Null: it is for sign-in only.
    base_url: Option<String>,
    /// The base URL that names the connection.
    own_base_url: Option<String>,
    /// Whether its provider proves who it is as IPSIE asks: no API tokens, and no secrets in bodies.
    ipsie: bool,
    /// When it was made.
    created: String,
}

impl Shown {
    fn of(organization: &Organization, connection: &Connection) -> Self {
        let url = organization.app().public_url();
        let path = match connection.protocol {
            Protocol::Scim2 => Some("scim/v2"),
            Protocol::Scim1 => Some("scim/v1"),
            Protocol::None => None,
        };
        Self {
            id: connection.id.to_string(),
            name: connection.name.clone(),
            provider: connection.provider,
            protocol: connection.protocol,
            state: connection.state,
            profile: connection.profile_in_force().to_string(),
            profile_chosen: connection.profile.is_some(),
            base_url: path.map(|path| format!("{url}/{path}")),
            own_base_url: path.map(|path| format!("{url}/c/{}/{path}", connection.id)),
            ipsie: connection.ipsie,
            created: connection.created.to_string(),
        }
    }
}

/// A connection that is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
struct NewConnectionBody {
    /// The name for people.
    #[serde(default)]
    name: Option<String>,
    /// Who is at the other end.
    #[schema(schema_with = words::provider)]
    provider: Provider,
    /// What is spoken.
    #[schema(schema_with = words::protocol)]
    protocol: Protocol,
    /// What is accepted leniently in its requests; without it, what suits its provider.
    #[serde(default)]
    profile: Option<String>,
    /// Whether it is in use at once, or being set up first.
    #[serde(default = "yes")]
    active: bool,
}

fn yes() -> bool {
    true
}

/// What is to be different. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConnectionChange {
    /// The name for people; null takes it away.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    name: Member<String>,
    /// What is accepted leniently in its requests; null: what suits its provider.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    profile: Member<String>,
    /// Whether its provider proves who it is as IPSIE asks: API tokens are refused then, and secrets in
    /// bodies.
    #[serde(default)]
    ipsie: Option<bool>,
}

fn profile(text: &str) -> Result<Profile, Error> {
    Profile::parse(text).ok_or_else(|| Error::Invalid {
        attribute: "profile".into(),
        detail: "There is no such profile; docs/scim.md lists those that there are.".into(),
    })
}

/// Lists the connections of an organization, oldest first.
#[utoipa::path(get, path = "/organizations/{organization}/connections", tag = "connections",
    responses((status = 200, body = Page<Shown>)))]
async fn list(organization: Organization) -> Result<Json<Page<Shown>>, HttpError> {
    let all = organization.read(connection::list).await?;
    Ok(Json(Page::whole(all.iter().map(|connection| Shown::of(&organization, connection)))))
}

/// Makes a connection. A token for it is issued by another request.
#[utoipa::path(post, path = "/organizations/{organization}/connections", tag = "connections",
    request_body = NewConnectionBody, responses((status = 201, body = Shown)))]
async fn create(
    organization: Organization,
    Posted { new, once }: Posted<NewConnectionBody>,
) -> Result<Done, HttpError> {
    let new = NewConnection {
        provider: new.provider,
        protocol: new.protocol,
        profile: new.profile.as_deref().map(profile).transpose()?,
        name: new.name,
        state: if new.active { State::Active } else { State::Setup },
        app: None,
        removals: Some(Limits::default()),
    };
    if let Some(done) = Done::before(&organization, once.as_ref()).await? {
        return Ok(done);
    }
    let id = connection::reserve(organization.app().store(), organization.access()).await?;
    let shown = organization.clone();
    let make = move |writer: &mut Writer<'_>| {
        let made = connection::make(writer, id, &new)?;
        let at = format!("/organizations/{}/connections/{id}", shown.record().id);
        Ok::<_, Error>(Made::new(at, &Shown::of(&shown, &made)))
    };
    Done::once(&organization, once, make).await
}

/// Shows a connection.
#[utoipa::path(get, path = "/organizations/{organization}/connections/{connection}",
    tag = "connections", responses((status = 200, body = Shown)))]
async fn show(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
) -> Result<Json<Shown>, HttpError> {
    let found = organization.read(move |reader| connection::get(reader, id)).await?;
    Ok(Json(Shown::of(&organization, &found)))
}

/// Changes the name or the profile of a connection, or how its provider proves who it is.
#[utoipa::path(patch, path = "/organizations/{organization}/connections/{connection}",
    tag = "connections", request_body = ConnectionChange, responses((status = 200, body = Shown)))]
async fn change(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    Body(change): Body<ConnectionChange>,
) -> Result<Json<Shown>, HttpError> {
    let wanted = change.profile.value().map(|text| profile(text)).transpose()?;
    let changed = organization.write(move |writer| {
        if change.name.is_given() {
            connection::rename(writer, id, change.name.value().map(String::as_str))?;
        }
        if change.profile.is_given() {
            connection::set_profile(writer, id, wanted)?;
        }
        if let Some(ipsie) = change.ipsie {
            connection::set_ipsie(writer, id, ipsie)?;
        }
        connection::get(writer, id)
    });
    Ok(Json(Shown::of(&organization, &changed.await?)))
}

/// Takes a connection into use, or switches it on again.
#[utoipa::path(post, path = "/organizations/{organization}/connections/{connection}/enable",
    tag = "connections", responses((status = 200, body = Shown)))]
async fn enable(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
) -> Result<Json<Shown>, HttpError> {
    let (changed, _) = organization.write(move |writer| connection::activate(writer, id)).await?;
    Ok(Json(Shown::of(&organization, &changed)))
}

/// Switches a connection off: its requests are refused, and whoever signed in through it is out.
#[utoipa::path(post, path = "/organizations/{organization}/connections/{connection}/disable",
    tag = "connections", responses((status = 200, body = Shown)))]
async fn disable(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
) -> Result<Json<Shown>, HttpError> {
    let (changed, _) = organization.write(move |writer| connection::disable(writer, id)).await?;
    Ok(Json(Shown::of(&organization, &changed)))
}

/// Deletes a connection with its tokens and its sign-in. What it managed stays, managed by none.
#[utoipa::path(delete, path = "/organizations/{organization}/connections/{connection}",
    tag = "connections", responses((status = 204, description = "It is deleted.")))]
async fn delete(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
) -> Result<StatusCode, HttpError> {
    connection::delete(organization.app().store(), organization.access(), id).await?;
    Ok(StatusCode::NO_CONTENT)
}
