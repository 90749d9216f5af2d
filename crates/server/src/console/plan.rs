//! `/console/plan`: what the organization may use, and whom to ask for more; `/console/export`.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use directory::{
    Error, organization,
    plan::{self, Feature},
};

use super::{
    Frame, Section, Visitor,
    icon::{Icon, Tag, Tone},
};
use crate::{error::HttpError, page::Page};

#[derive(Debug, Template)]
#[template(path = "console/plan.html")]
struct Plan {
    frame: Frame,
    name: Option<String>,
    features: Vec<(&'static str, &'static str, Tag)>,
    support: Option<String>,
}

/// `GET /console/plan`
pub(super) async fn show(visitor: Visitor) -> Result<Response, HttpError> {
    let (organization, features) = visitor
        .read(|reader| {
            let organization = organization::get(reader)?;
            let mut features = Vec::new();
            for feature in Feature::ALL {
                let is_in = match plan::require(reader, *feature) {
                    Ok(()) => true,
                    Err(Error::Denied { .. }) => false,
                    Err(error) => return Err(error),
                };
                features.push((*feature, is_in));
            }
            Ok((organization, features))
        })
        .await?;
    let feature = |(feature, is_in): (Feature, bool)| {
        let (name, about) = match feature {
            Feature::Scim => {
                ("Provisioning (SCIM)", "People and groups arrive from your provider.")
            }
            Feature::Saml => ("Single sign-on (SAML)", "People sign in at your provider."),
        };
        let tag = if is_in { Tag(Tone::Done, "Included") } else { Tag(Tone::Off, "Not included") };
        (name, about, tag)
    };
    let page = Plan {
        frame: Frame::new(&visitor, "Plan and add-ons", Section::Plan)
            .below("/console/settings", "Company settings"),
        name: organization.plan,
        features: features.into_iter().map(feature).collect(),
        support: visitor.app().application().support.clone(),
    };
    Ok(Page::ok(page).into_response())
}

#[derive(Debug, Template)]
#[template(path = "console/export.html")]
struct Export {
    frame: Frame,
}

/// `GET /console/export`
pub(super) async fn export(visitor: Visitor) -> Response {
    let frame = Frame::new(&visitor, "Data export", Section::Export)
        .below("/console/settings", "Company settings");
    Page::ok(Export { frame }).into_response()
}
