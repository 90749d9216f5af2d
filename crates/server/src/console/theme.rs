//! [`Theme`]: light, dark, or as the device has it. A cookie remembers it, and the server reads it, so
//! that no page flashes.

use axum::response::Response;
use http::{HeaderMap, header};

use super::posted::{Posted, see_other};
use crate::{App, cookie, sign_in::address::ReturnTo};

/// How long a choice is remembered.
const REMEMBERED: std::time::Duration = std::time::Duration::from_hours(365 * 24);

/// The look of the console.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Theme {
    /// As the device has it.
    #[default]
    Device,
    Light,
    Dark,
}

impl Theme {
    pub(super) const ALL: [Self; 3] = [Self::Device, Self::Light, Self::Dark];

    pub(super) fn of(app: &App, headers: &HeaderMap) -> Self {
        Self::parse(app.cookies().get(headers, cookie::THEME).unwrap_or_default())
    }

    fn parse(word: &str) -> Self {
        Self::ALL.into_iter().find(|theme| theme.word() == word).unwrap_or_default()
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Device => "Device",
            Self::Light => "Light",
            Self::Dark => "Dark",
        }
    }
}

/// `POST /console/theme`
pub(super) async fn choose(posted: Posted) -> Response {
    let theme = Theme::parse(posted.text("theme"));
    let back = ReturnTo::read(posted.given("back"));
    let mut response = see_other(back.as_str());
    let cookie = posted.visitor.app().cookies().set(cookie::THEME, theme.word(), REMEMBERED);
    response.headers_mut().append(header::SET_COOKIE, cookie);
    response
}
