//! `GET /saml/{connection}/metadata`: ours, for the provider.

use ::saml::{Certificate, metadata::ServiceProvider};
use axum::response::{IntoResponse, Response};
use http::header;

use super::At;

pub(super) async fn metadata(At { addresses, saml, .. }: At) -> Response {
    let (entity_id, acs_url) = (addresses.entity_id(), addresses.acs());
    let key = saml.request_key.and_then(|key| Certificate::from_der(&key.certificate).ok());
    let ours = ServiceProvider {
        entity_id: &entity_id,
        acs_url: &acs_url,
        certificates: key.as_slice(),
        signs_requests: key.is_some(),
    };
    let headers = [
        (header::CONTENT_TYPE, "application/samlmetadata+xml"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"metadata.xml\""),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, ours.to_xml()).into_response()
}
