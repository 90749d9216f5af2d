//! `/organizations/{organization}/users`: people.

use axum::{Json, http::StatusCode};
use directory::{
    Reader, Resource, ResourceId, User, Writer, role, schemas, search,
    user::{self, Rehire},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    answer::{Done, Made, Tagged},
    body::{Body, Posted},
    context::UserInPath,
    fault::Fault,
    page::{Page, Parameters},
    resources::{self, Condition, Managers, SearchQuery, SentAttributes},
    roles::HeldRole,
    words,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, change, delete))
        .routes(routes!(archive))
        .routes(routes!(reactivate))
        .routes(routes!(groups))
        .routes(routes!(roles))
}

/// A person in an organization.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub(super) struct Shown {
    /// It never changes, and is the one that the provider knows.
    id: String,
    /// The unique name.
    user_name: String,
    /// The name for people, if one is known.
    display_name: Option<String>,
    /// The primary address of e-mail, if one is known.
    email: Option<String>,
    /// Whether the person may come in. Of an archived one everything is kept.
    active: bool,
    /// The id of the connection that manages the user; null: none does.
    managed_by: Option<String>,
    /// The number of changes, as in the entity tag.
    version: i64,
    /// When it was made.
    created: String,
    /// When its attributes changed last.
    modified: String,
    /// All of its attributes.
    #[schema(schema_with = words::attributes)]
    attributes: Box<RawValue>,
}

impl Shown {
    pub(super) fn of(user: &User, managers: &Managers) -> Self {
        Self {
            id: user.id.to_string(),
            user_name: user.name().to_owned(),
            display_name: user.display_name(),
            email: user.email().map(str::to_owned),
            active: user.is_active(),
            managed_by: managers.of(user.managed_by),
            version: user.version.number(),
            created: user.created.to_string(),
            modified: user.modified.to_string(),
            attributes: resources::shown(user),
        }
    }

    fn found(resource: &Resource, managers: &Managers) -> Self {
        let user = User::try_from(resource.clone()).expect("a search for users finds users");
        Self::of(&user, managers)
    }
}

fn tagged(user: &User, body: Shown) -> Tagged<Shown> {
    Tagged { tag: user.meta().tag, body }
}

/// A user that is to be made, or what is to be different.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserAttributes {
    /// Attributes as SCIM has them: `userName`, `name`, `emails`, `active` … In a change those that are left
    /// out stay as they are, and null removes one.
    #[schema(schema_with = words::attributes)]
    attributes: SentAttributes,
}

/// A group that a user is in.
#[derive(Debug, Serialize, ToSchema)]
struct GroupOfUser {
    /// The id of the group.
    id: String,
    /// Its name.
    display_name: String,
    /// Whether the user is a member itself, and not by way of another group.
    direct: bool,
}

/// Searches the users of an organization.
#[utoipa::path(get, path = "/organizations/{organization}/users", tag = "users",
    params(SearchQuery), responses((status = 200, body = Page<Shown>)))]
async fn list(
    organization: Organization,
    Parameters(query): Parameters<SearchQuery>,
) -> Result<Json<Page<Shown>>, HttpError> {
    let page = resources::list(&organization, query, ::scim::schema::Schemas::user, Shown::found);
    Ok(Json(page.await?))
}

/// Makes a user. One that was archived holds its userName still: reactivate it.
#[utoipa::path(post, path = "/organizations/{organization}/users", tag = "users",
    request_body = UserAttributes, responses((status = 201, body = Shown)))]
async fn create(
    organization: Organization,
    Posted { new, once }: Posted<UserAttributes>,
) -> Result<Done, HttpError> {
    let id = organization.record().id;
    let make = move |writer: &mut Writer<'_>| {
        let schemas = writer.schemas()?;
        let attributes = new.attributes.accepted(schemas.user())?;
        let user = user::create(writer, &attributes, Rehire::Refuse)?;
        let at = format!("/organizations/{id}/users/{}", user.id);
        let shown = Shown::of(&user, &Managers::read(writer)?);
        Ok::<_, Fault>(Made::new(at, &shown).tagged(user.meta().tag))
    };
    Done::once(&organization, once, make).await
}

/// Shows a user.
#[utoipa::path(get, path = "/organizations/{organization}/users/{user}", tag = "users",
    responses((status = 200, body = Shown)))]
async fn show(
    organization: Organization,
    UserInPath(id): UserInPath,
) -> Result<Tagged<Shown>, HttpError> {
    let read = organization.read(move |reader| {
        let user = user::get(reader, id)?;
        let shown = Shown::of(&user, &Managers::read(reader)?);
        Ok::<_, Fault>(tagged(&user, shown))
    });
    read.await
}

/// Changes attributes of a user that no provider manages.
#[utoipa::path(patch, path = "/organizations/{organization}/users/{user}", tag = "users",
    request_body = UserAttributes, responses((status = 200, body = Shown)))]
async fn change(
    organization: Organization,
    UserInPath(id): UserInPath,
    condition: Condition,
    Body(change): Body<UserAttributes>,
) -> Result<Tagged<Shown>, HttpError> {
    let act = move |writer: &mut Writer<'_>, user: &User| {
        let schemas = schemas::current(writer)?;
        let attributes = change.attributes.merged(schemas.user(), user)?;
        Ok(user::change(writer, user, attributes)?)
    };
    changed(&organization, id, condition, act).await
}

/// Archives a user: signed out and kept out, with everything kept.
#[utoipa::path(post, path = "/organizations/{organization}/users/{user}/archive", tag = "users",
    responses((status = 200, body = Shown)))]
async fn archive(
    organization: Organization,
    UserInPath(id): UserInPath,
    condition: Condition,
) -> Result<Tagged<Shown>, HttpError> {
    changed(&organization, id, condition, |writer, user| Ok(user::archive(writer, user)?)).await
}

/// Lets an archived user come in again, with the groups and roles of before.
#[utoipa::path(post, path = "/organizations/{organization}/users/{user}/reactivate",
    tag = "users", responses((status = 200, body = Shown)))]
async fn reactivate(
    organization: Organization,
    UserInPath(id): UserInPath,
    condition: Condition,
) -> Result<Tagged<Shown>, HttpError> {
    changed(&organization, id, condition, |writer, user| Ok(user::reactivate(writer, user)?)).await
}

/// Makes a change of a user that is as the client believes.
async fn changed(
    organization: &Organization,
    id: ResourceId,
    condition: Condition,
    mut act: impl FnMut(&mut Writer<'_>, &User) -> Result<User, Fault> + Send + 'static,
) -> Result<Tagged<Shown>, HttpError> {
    let changed = organization.write(move |writer| {
        let user = user::get(writer, id)?;
        condition.check(&user)?;
        let user = act(writer, &user)?;
        let shown = Shown::of(&user, &Managers::read(writer)?);
        Ok::<_, Fault>(tagged(&user, shown))
    });
    changed.await
}

/// Deletes a user: another act than archiving. Its attributes, memberships and roles are gone.
#[utoipa::path(delete, path = "/organizations/{organization}/users/{user}", tag = "users",
    responses((status = 204, description = "It is deleted.")))]
async fn delete(
    organization: Organization,
    UserInPath(id): UserInPath,
    condition: Condition,
) -> Result<StatusCode, HttpError> {
    let deleted = organization.write(move |writer| {
        let user = user::get(writer, id)?;
        condition.check(&user)?;
        user::delete(writer, &user)
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the groups that a user is in, itself or by way of another group.
#[utoipa::path(get, path = "/organizations/{organization}/users/{user}/groups", tag = "users",
    responses((status = 200, body = Page<GroupOfUser>)))]
async fn groups(
    organization: Organization,
    UserInPath(id): UserInPath,
) -> Result<Json<Page<GroupOfUser>>, HttpError> {
    let found = organization.read(move |reader: &mut Reader<'_>| {
        let user = user::get(reader, id)?;
        search::groups(reader, [&*user])
    });
    let items = found.await?.into_iter().flatten().map(|group| GroupOfUser {
        id: group.id.to_string(),
        display_name: group.display,
        direct: group.direct,
    });
    Ok(Json(Page::whole(items)))
}

/// Lists the roles that a user has, and why.
#[utoipa::path(get, path = "/organizations/{organization}/users/{user}/roles", tag = "users",
    responses((status = 200, body = Page<HeldRole>)))]
async fn roles(
    organization: Organization,
    UserInPath(id): UserInPath,
) -> Result<Json<Page<HeldRole>>, HttpError> {
    let held = organization.read(move |reader| {
        let user = user::get(reader, id)?;
        role::of_user(reader, &user)
    });
    Ok(Json(Page::whole(held.await?.iter().map(HeldRole::of))))
}
