//! `/organizations/{organization}/add-ons`: features beside those of the plan.

use axum::{Json, http::StatusCode};
use directory::{
    Error, Noun,
    plan::{self, Feature},
};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Organization, context::NameInPath, page::Page, plans::FeatureName};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(add, remove))
}

/// A feature that an organization has beside its plan.
#[derive(Debug, Serialize, ToSchema)]
struct AddOn {
    /// The feature.
    feature: FeatureName,
}

fn feature(name: &str) -> Result<Feature, Error> {
    Feature::parse(name)
        .ok_or_else(|| Error::NotFound { what: Noun::AddOn, name: Some(name.to_owned()) })
}

/// Lists the features that an organization has beside those of its plan.
#[utoipa::path(get, path = "/organizations/{organization}/add-ons", tag = "add-ons",
    responses((status = 200, body = Page<AddOn>)))]
async fn list(organization: Organization) -> Result<Json<Page<AddOn>>, HttpError> {
    let features = organization.read(plan::add_ons).await?;
    let items = features.into_iter().map(|feature| AddOn { feature: FeatureName(feature) });
    Ok(Json(Page::whole(items)))
}

/// Gives an organization a feature beside its plan.
#[utoipa::path(put, path = "/organizations/{organization}/add-ons/{name}", tag = "add-ons",
    responses((status = 200, body = AddOn)))]
async fn add(
    organization: Organization,
    NameInPath(name): NameInPath,
) -> Result<Json<AddOn>, HttpError> {
    let feature = feature(&name)?;
    organization.write(move |writer| plan::add_add_on(writer, feature)).await?;
    Ok(Json(AddOn { feature: FeatureName(feature) }))
}

/// Takes a feature away that an organization has beside its plan.
#[utoipa::path(delete, path = "/organizations/{organization}/add-ons/{name}", tag = "add-ons",
    responses((status = 204, description = "It is taken away.")))]
async fn remove(
    organization: Organization,
    NameInPath(name): NameInPath,
) -> Result<StatusCode, HttpError> {
    let feature = feature(&name)?;
    organization.write(move |writer| plan::remove_add_on(writer, feature)).await?;
    Ok(StatusCode::NO_CONTENT)
}
