//! `/plans`: which features organizations may use.

use axum::{Json, http::StatusCode};
use directory::plan::{Feature, Plan};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Context, body::Body, context::NameInPath, page::Page, words};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(set, delete))
}

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Plan)]
struct Shown {
    /// Its name.
    name: String,
    /// What it includes.
    features: Vec<FeatureName>,
}

/// A feature.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct FeatureName(pub(super) Feature);

impl utoipa::PartialSchema for FeatureName {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        words::feature()
    }
}

impl ToSchema for FeatureName {
    fn name() -> std::borrow::Cow<'static, str> {
        "Feature".into()
    }
}

impl From<Plan> for Shown {
    fn from(plan: Plan) -> Self {
        Self { name: plan.name, features: plan.features.into_iter().map(FeatureName).collect() }
    }
}

/// What a plan is to include.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PlanFeatures {
    /// All of it: what is not here is not included.
    features: Vec<FeatureName>,
}

/// Lists the plans, by name.
#[utoipa::path(get, path = "/plans", tag = "plans", responses((status = 200, body = Page<Shown>)))]
async fn list(context: Context) -> Result<Json<Page<Shown>>, HttpError> {
    let plans = context.installation()?.plans().await?;
    Ok(Json(Page::whole(plans.into_iter().map(Shown::from))))
}

/// Makes a plan, or gives one other features. Every server knows within five seconds.
#[utoipa::path(put, path = "/plans/{name}", tag = "plans",
    request_body = PlanFeatures, responses((status = 200, body = Shown)))]
async fn set(
    context: Context,
    NameInPath(name): NameInPath,
    Body(wanted): Body<PlanFeatures>,
) -> Result<Json<Shown>, HttpError> {
    let features: Vec<Feature> = wanted.features.into_iter().map(|feature| feature.0).collect();
    Ok(Json(context.installation()?.set_plan(&name, &features).await?.into()))
}

/// Deletes a plan that no organization has.
#[utoipa::path(delete, path = "/plans/{name}", tag = "plans",
    responses((status = 204, description = "It is deleted.")))]
async fn delete(context: Context, NameInPath(name): NameInPath) -> Result<StatusCode, HttpError> {
    context.installation()?.delete_plan(&name).await?;
    Ok(StatusCode::NO_CONTENT)
}
