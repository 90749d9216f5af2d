//! `/console/integrations/new`: Add integration.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use directory::connection::{self, App, NewConnection, Protocol, Provider, State};

use super::page_of;
use crate::{
    console::{Frame, Posted, Section, Visitor, icon::Icon, posted::see_other, words},
    error::HttpError,
    page::Page,
};

/// A provider that can be chosen.
#[derive(Debug)]
struct Choice {
    provider: &'static str,
    name: &'static str,
    text: &'static str,
}

/// An app of Okta that can be chosen.
#[derive(Debug)]
struct OktaApp {
    word: &'static str,
    name: &'static str,
    text: &'static str,
}

const APPS: &[OktaApp] = &[
    OktaApp {
        word: "okta-scim2",
        name: "SCIM 2.0 Test App (OAuth Bearer Token)",
        text: "From the catalog. Its fields are SCIM 2.0 Base Url and OAuth Bearer Token.",
    },
    OktaApp {
        word: "okta-scim1",
        name: "SCIM 1.1 Test App (Header Auth)",
        text: "From the catalog. Its fields are Base URL and API Token.",
    },
    OktaApp {
        word: "okta-custom",
        name: "Custom SAML app with SCIM",
        text: "Made with Create App Integration. Its fields are SCIM connector base URL and Authorization.",
    },
];

#[derive(Debug, Template)]
#[template(path = "console/new-integration.html")]
struct New {
    frame: Frame,
    choices: Vec<Choice>,
    /// Those of Okta, once it is chosen.
    apps: &'static [OktaApp],
}

/// `GET /console/integrations/new`
pub(in crate::console) async fn choose(visitor: Visitor) -> Response {
    if let Some(connection) = visitor.linked() {
        return see_other(&page_of(connection.id, "/setup"));
    }
    let is_okta = visitor.query("provider") == Some(Provider::Okta.as_str());
    let choice = |provider: Provider, text| Choice {
        provider: provider.as_str(),
        name: words::provider(provider),
        text,
    };
    let mut frame = Frame::new(
        &visitor,
        if is_okta { "Which app did you add in Okta?" } else { "Add integration" },
        Section::Integrations,
    );
    if !frame.is_link {
        frame = frame.below("/console/settings", "Company settings");
        frame = frame.below("/console/integrations", "Integrations");
    }
    if is_okta {
        frame = frame.below("/console/integrations/new", "Add integration");
    }
    let page = New {
        frame,
        choices: vec![
            choice(Provider::Okta, "SCIM 2.0 or 1.1, and SAML. People, groups and sign-in."),
            choice(Provider::Entra, "SCIM 2.0, and SAML. Formerly Azure Active Directory."),
            choice(Provider::OneLogin, "SCIM 2.0, and SAML."),
            choice(Provider::JumpCloud, "SCIM 2.0, and SAML."),
            Choice {
                provider: Provider::Other.as_str(),
                name: "Other",
                text: "Any provider that speaks SCIM 2.0.",
            },
        ],
        apps: if is_okta { APPS } else { &[] },
    };
    Page::ok(page).into_response()
}

/// `POST /console/integrations/new`
pub(in crate::console) async fn add(posted: Posted) -> Result<Response, HttpError> {
    let provider = Provider::parse(posted.text("provider")).unwrap_or(Provider::Other);
    let app = App::parse(posted.text("app")).filter(|_| provider == Provider::Okta);
    let protocol = if app == Some(App::OktaScim1) { Protocol::Scim1 } else { Protocol::Scim2 };
    let new =
        NewConnection { state: State::Setup, app, ..NewConnection::active(provider, protocol) };
    let visitor = &posted.visitor;
    let made = connection::create(visitor.store(), visitor.access(), new).await?;
    Ok(see_other(&page_of(made.id, "/setup")))
}
