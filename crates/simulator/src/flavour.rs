//! [`Flavour`]: which of the simulated clients calls.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::{App, Syntax};

/// An identity provider that can be simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
}

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Okta => "Okta",
            Self::Entra => "Entra ID",
        })
    }
}

/// A SCIM client of a provider. The administrator chooses it; the server cannot influence it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// One of Okta's kinds of app.
    Okta(App),
    /// One of the two ways in which Entra ID writes a PATCH.
    Entra(Syntax),
}

impl Flavour {
    /// All flavours, in the order in which a reader should meet them.
    pub const ALL: [Self; 5] = [
        Self::Okta(App::Custom),
        Self::Okta(App::Catalog),
        Self::Okta(App::HeaderAuthV1),
        Self::Entra(Syntax::Unflagged),
        Self::Entra(Syntax::Flagged),
    ];

    /// Whose client it is.
    #[must_use]
    pub const fn provider(self) -> Provider {
        match self {
            Self::Okta(_) => Provider::Okta,
            Self::Entra(_) => Provider::Entra,
        }
    }

    /// The name used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Okta(app) => app.name(),
            Self::Entra(syntax) => syntax.name(),
        }
    }

    /// What an administrator calls it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Okta(app) => app.title(),
            Self::Entra(syntax) => syntax.title(),
        }
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for Flavour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
