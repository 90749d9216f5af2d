//! `/organizations/{organization}/connections/{connection}/saml/certificates`: the provider's keys.

use ::saml::Certificate;
use axum::{Json, http::StatusCode};
use directory::{
    Error, Time,
    saml::certificate::{self, NewCertificate, Standing, hexadecimal},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Organization,
    body::Body,
    context::{ConnectionInPath, NameInPath},
    page::Page,
    words,
};
use crate::{App, error::HttpError};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove)).routes(routes!(trust))
}

/// A certificate of a provider.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Certificate)]
struct Shown {
    /// Its SHA-256, in hexadecimal.
    sha256: String,
    /// When it expires. It still verifies then: it only carries a key.
    not_after: String,
    /// Whether answers are verified by it.
    trusted: bool,
    /// What is to be thought of it.
    #[schema(schema_with = words::standing)]
    standing: Standing,
    /// When an answer was last verified by it, to the minute.
    last_used: Option<String>,
}

impl Shown {
    fn of(one: &certificate::Certificate, now: Time) -> Self {
        Self {
            sha256: hexadecimal(&one.sha256),
            not_after: one.not_after.to_string(),
            trusted: one.trusted,
            standing: one.standing(now),
            last_used: one.last_used.map(|time| time.to_string()),
        }
    }
}

/// Certificates that are to be trusted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewCertificates {
    /// One or several, in PEM.
    pem: String,
}

/// All certificates of a provider.
fn page(organization: &Organization, all: &[certificate::Certificate]) -> Json<Page<Shown>> {
    let now = organization.app().store().clock().now();
    Json(Page::whole(all.iter().map(|one| Shown::of(one, now))))
}

fn invalid(attribute: &'static str, detail: impl std::fmt::Display) -> Error {
    Error::Invalid { attribute: attribute.into(), detail: format!("{detail}").into() }
}

/// Lists the certificates of a provider.
#[utoipa::path(get,
    path = "/organizations/{organization}/connections/{connection}/saml/certificates",
    tag = "sign-in", responses((status = 200, body = Page<Shown>)))]
async fn list(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
) -> Result<Json<Page<Shown>>, HttpError> {
    let all = organization.read(move |reader| certificate::list(reader, id)).await?;
    Ok(page(&organization, &all))
}

/// Trusts further certificates, before the provider uses them. Answers all that there are.
#[utoipa::path(post,
    path = "/organizations/{organization}/connections/{connection}/saml/certificates",
    tag = "sign-in", request_body = NewCertificates, responses((status = 200, body = Page<Shown>)))]
async fn add(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    Body(body): Body<NewCertificates>,
) -> Result<Json<Page<Shown>>, HttpError> {
    let read = Certificate::parse_all(&body.pem);
    let read = read.map_err(|error| invalid("pem", format!("The certificate: {error}.")))?;
    let wanted: Vec<NewCertificate> = read.iter().map(NewCertificate::from).collect();
    let all = organization.write(move |writer| {
        for certificate in &wanted {
            certificate::add(writer, id, certificate, true)?;
        }
        certificate::list(writer, id)
    });
    Ok(page(&organization, &all.await?))
}

/// Removes a certificate: what it signs is refused from now on.
#[utoipa::path(delete,
    path = "/organizations/{organization}/connections/{connection}/saml/certificates/{name}",
    tag = "sign-in", responses((status = 204, description = "It is removed.")))]
async fn remove(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    NameInPath(sha256): NameInPath,
) -> Result<StatusCode, HttpError> {
    organization.write(move |writer| certificate::remove(writer, id, &sha256)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Trusts a certificate that the metadata of the provider brought: answers are verified by it from now on.
#[utoipa::path(post,
    path = "/organizations/{organization}/connections/{connection}/saml/certificates/{name}/trust",
    tag = "sign-in", responses((status = 200, body = Page<Shown>)))]
async fn trust(
    organization: Organization,
    ConnectionInPath(id): ConnectionInPath,
    NameInPath(sha256): NameInPath,
) -> Result<Json<Page<Shown>>, HttpError> {
    let all = organization.write(move |writer| {
        certificate::trust(writer, id, &sha256)?;
        certificate::list(writer, id)
    });
    Ok(page(&organization, &all.await?))
}
