//! [`App`]: which of Okta's clients calls, and what differs between them.

use reqwest::header::{self, HeaderMap, HeaderValue};

use crate::{
    client::{Envelope, Scheme},
    dialect::Dialect,
};

/// A kind of app in Okta. It decides between PUT and PATCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum App {
    /// SCIM 2.0, made with the App Integration Wizard: every change is a PUT.
    Custom,
    /// SCIM 2.0 from the catalog: profiles by PUT; status, names and members of groups by PATCH.
    Catalog,
    /// SCIM 1.1 "Header Auth" from the catalog: the bare token, and the PATCH forms of SCIM 1.1.
    HeaderAuthV1,
}

impl App {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Custom => "custom-app",
            Self::Catalog => "catalog-app",
            Self::HeaderAuthV1 => "header-auth-v1",
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Custom => "custom app, SCIM 2.0, changes by PUT",
            Self::Catalog => "catalog app, SCIM 2.0, changes by PATCH",
            Self::HeaderAuthV1 => "catalog app with Header Auth, SCIM 1.1",
        }
    }

    pub(super) const fn dialect(self) -> Dialect {
        match self {
            Self::Custom | Self::Catalog => Dialect::V2,
            Self::HeaderAuthV1 => Dialect::V1,
        }
    }

    /// Whether status and membership travel as PATCH.
    pub(super) const fn patches(self) -> bool {
        !matches!(self, Self::Custom)
    }

    /// A custom app was seen to put the filter last.
    pub(super) const fn filter_comes_last(self) -> bool {
        matches!(self, Self::Custom)
    }

    /// The headers, byte for byte where they are known.
    pub(crate) fn envelope(self) -> Envelope {
        let (accept, content_type) = match self.dialect() {
            Dialect::V1 => ("application/json", "application/json; charset=utf-8"),
            Dialect::V2 => ("application/scim+json", "application/scim+json; charset=utf-8"),
        };
        let headers = HeaderMap::from_iter([
            (header::ACCEPT, HeaderValue::from_static(accept)),
            (header::ACCEPT_CHARSET, HeaderValue::from_static("utf-8")),
            (header::ACCEPT_ENCODING, HeaderValue::from_static("gzip,deflate")),
            (header::CONNECTION, HeaderValue::from_static("Keep-Alive")),
            (header::USER_AGENT, HeaderValue::from_static("Okta SCIM Client 1.0.0")),
        ]);
        Envelope {
            headers,
            content_type,
            labels_delete: true,
            // Okta writes spaces both ways; two of its clients are made to differ here, so that a
            // server meets both.
            space: if self == Self::Catalog { "%20" } else { "+" },
            // A header-auth app sends what was pasted, without a scheme.
            scheme: if self.dialect().is_v1() { Scheme::None } else { Scheme::Bearer },
        }
    }
}
