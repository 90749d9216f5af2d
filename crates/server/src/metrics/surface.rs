//! [`Surface`] and [`Outcome`]: the labels of requests.

use std::fmt;

use ::scim::Dialect;
use http::StatusCode;
use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

use crate::scim::Base;

/// For whom an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Surface {
    Scim2,
    Scim1,
    Api,
    Console,
    SignIn,
    OAuth,
    /// Probes and metrics.
    Operations,
    /// The start page, and what no surface has.
    Other,
}

impl Surface {
    /// The surface that a path belongs to.
    pub(crate) fn of(path: &str) -> Self {
        if let Some((base, _)) = Base::of(path) {
            return match base.dialect {
                Dialect::V2 => Self::Scim2,
                Dialect::V1 => Self::Scim1,
            };
        }
        match path.split('/').nth(1).unwrap_or_default() {
            "api" => Self::Api,
            "console" | "setup" => Self::Console,
            "signin" | "saml" | "session" => Self::SignIn,
            "oauth" | ".well-known" => Self::OAuth,
            "healthz" | "readyz" | "metrics" => Self::Operations,
            _ => Self::Other,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Scim2 => "scim2",
            Self::Scim1 => "scim1",
            Self::Api => "api",
            Self::Console => "console",
            Self::SignIn => "signin",
            Self::OAuth => "oauth",
            Self::Operations => "operations",
            Self::Other => "other",
        }
    }
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Outcome {
    /// It was done, or led on.
    Done,
    /// The client has to change something, or to wait.
    Refused,
    /// The server could not serve it.
    Failed,
}

impl Outcome {
    pub(super) fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            ..400 => Self::Done,
            400..500 => Self::Refused,
            500.. => Self::Failed,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

impl EncodeLabelValue for Surface {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        self.word().encode(encoder)
    }
}

impl EncodeLabelValue for Outcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        self.word().encode(encoder)
    }
}

#[cfg(test)]
mod tests {
    use super::Surface;

    #[test]
    fn an_address_belongs_to_one_surface() {
        for (path, surface) in [
            ("/scim/v2/Users", Surface::Scim2),
            ("/c/abc/scim/v1/Users/7", Surface::Scim1),
            ("/api/v1/organizations", Surface::Api),
            ("/console/users", Surface::Console),
            ("/saml/abc/acs", Surface::SignIn),
            ("/.well-known/openid-configuration", Surface::OAuth),
            ("/metrics", Surface::Operations),
            ("/", Surface::Other),
            ("/wp-login.php", Surface::Other),
        ] {
            assert_eq!(Surface::of(path), surface, "{path}");
        }
    }
}
