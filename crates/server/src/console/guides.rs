//! `/console/guides`: how each provider is connected, in its own words. The steps are those of the
//! guided path.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse as _, Response},
};
use directory::{Error, Noun};

use super::{
    Frame, Section, Visitor,
    icon::Icon,
    words::{self, Words},
};
use crate::{error::HttpError, page::Page};

#[derive(Debug, Template)]
#[template(path = "console/guides.html")]
struct Guides {
    frame: Frame,
    guides: Vec<(&'static str, String)>,
}

/// `GET /console/guides`
pub(super) async fn list(visitor: Visitor) -> Response {
    let guides = words::GUIDES.iter().map(|(name, words)| (*name, title(words))).collect();
    let page = Guides { frame: Frame::new(&visitor, "Guides", Section::Guides), guides };
    Page::ok(page).into_response()
}

fn title(words: &Words) -> String {
    format!("{}: {}", words.provider, words.app)
}

#[derive(Debug, Template)]
#[template(path = "console/guide.html")]
struct Guide {
    frame: Frame,
    words: &'static Words,
}

/// `GET /console/guides/{name}`
pub(super) async fn show(
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, HttpError> {
    let found = words::GUIDES.iter().find(|(known, _)| *known == name);
    let (_, words) = found.ok_or_else(|| Error::not_found(Noun::Resource))?;
    let frame =
        Frame::new(&visitor, title(words), Section::Guides).below("/console/guides", "Guides");
    Ok(Page::ok(Guide { frame, words }).into_response())
}
