//! [`Flavour`]: which of Okta's three clients calls, and what differs between them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// One of Okta's SCIM clients. The administrator chooses it when the app is made; the server
/// cannot influence it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flavour {
    /// SCIM 2.0, made with the App Integration Wizard: every change is a PUT.
    CustomApp,
    /// SCIM 2.0 from the catalog: profiles by PUT; status, names and members of groups by PATCH.
    CatalogApp,
    /// SCIM 1.1 "Header Auth" from the catalog: the bare token, and the PATCH forms of SCIM 1.1.
    HeaderAuthV1,
}

impl Flavour {
    /// All flavours, in the order in which a reader should meet them.
    pub const ALL: [Self; 3] = [Self::CustomApp, Self::CatalogApp, Self::HeaderAuthV1];

    /// The name used on the command line and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CustomApp => "custom-app",
            Self::CatalogApp => "catalog-app",
            Self::HeaderAuthV1 => "header-auth-v1",
        }
    }

    /// What an Okta administrator calls this kind of app.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::CustomApp => "custom app, SCIM 2.0, changes by PUT",
            Self::CatalogApp => "catalog app, SCIM 2.0, changes by PATCH",
            Self::HeaderAuthV1 => "catalog app with Header Auth, SCIM 1.1",
        }
    }

    pub(crate) const fn is_v1(self) -> bool {
        matches!(self, Self::HeaderAuthV1)
    }

    /// Whether status and membership travel as PATCH.
    pub(crate) const fn patches(self) -> bool {
        !matches!(self, Self::CustomApp)
    }

    pub(crate) const fn accept(self) -> &'static str {
        if self.is_v1() { "application/json" } else { "application/scim+json" }
    }

    pub(crate) const fn content_type(self) -> &'static str {
        if self.is_v1() {
            "application/json; charset=utf-8"
        } else {
            "application/scim+json; charset=utf-8"
        }
    }

    /// The Authorization header. A header-auth app sends what was pasted, without a scheme.
    pub(crate) fn authorization(self, token: &str) -> String {
        if self.is_v1() { token.to_owned() } else { format!("Bearer {token}") }
    }

    pub(crate) const fn user_schema(self) -> &'static str {
        if self.is_v1() {
            "urn:scim:schemas:core:1.0"
        } else {
            "urn:ietf:params:scim:schemas:core:2.0:User"
        }
    }

    pub(crate) const fn enterprise_schema(self) -> &'static str {
        if self.is_v1() {
            "urn:scim:schemas:extension:enterprise:1.0"
        } else {
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        }
    }

    pub(crate) const fn group_schema(self) -> &'static str {
        if self.is_v1() {
            "urn:scim:schemas:core:1.0"
        } else {
            "urn:ietf:params:scim:schemas:core:2.0:Group"
        }
    }

    pub(crate) const fn list_schema(self) -> &'static str {
        if self.is_v1() {
            "urn:scim:schemas:core:1.0"
        } else {
            "urn:ietf:params:scim:api:messages:2.0:ListResponse"
        }
    }

    /// Okta writes spaces both ways; two of its clients are made to differ here, so that a server
    /// meets both.
    pub(crate) const fn space(self) -> &'static str {
        if matches!(self, Self::CatalogApp) { "%20" } else { "+" }
    }

    /// A custom app was seen to put the filter last.
    pub(crate) const fn filter_comes_last(self) -> bool {
        matches!(self, Self::CustomApp)
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The text names no flavour.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no flavour; use custom-app, catalog-app or header-auth-v1")]
pub struct UnknownFlavour(String);

impl FromStr for Flavour {
    type Err = UnknownFlavour;

    fn from_str(text: &str) -> Result<Self, UnknownFlavour> {
        Self::ALL
            .into_iter()
            .find(|flavour| flavour.name() == text)
            .ok_or_else(|| UnknownFlavour(text.to_owned()))
    }
}
