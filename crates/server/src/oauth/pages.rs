//! The pages of OAuth.

use askama::Template;

/// A request that leads nowhere.
#[derive(Debug, Template)]
#[template(path = "oauth-unusable.html")]
pub(super) struct Unusable {
    pub(super) reason: String,
    pub(super) reference: String,
}

/// Something to choose.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) address: String,
}

/// Which connection someone signs in through.
#[derive(Debug, Template)]
#[template(path = "oauth-choose.html")]
pub(super) struct ChooseConnection {
    pub(super) organization: String,
    pub(super) choices: Vec<Choice>,
}

/// Whether an identity provider is let in.
#[derive(Debug, Template)]
#[template(path = "oauth-consent.html")]
pub(super) struct Consent {
    pub(super) client: String,
    pub(super) organization: String,
    pub(super) person: String,
    pub(super) connections: Vec<Choice>,
    pub(super) request: String,
    pub(super) token: String,
}

/// Who is signed in may not let a provider in.
#[derive(Debug, Template)]
#[template(path = "oauth-not-allowed.html")]
pub(super) struct NotAllowed {
    pub(super) organization: String,
    pub(super) person: String,
    pub(super) detail: String,
}

/// Whether someone wants to sign out.
#[derive(Debug, Template)]
#[template(path = "oauth-sign-out.html")]
pub(super) struct SignOut {
    pub(super) person: String,
    pub(super) request: String,
    pub(super) token: String,
}
