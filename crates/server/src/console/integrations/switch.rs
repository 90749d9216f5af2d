//! A connection switched on, switched off, renamed, and how its provider has to prove who it is.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use directory::connection;

use super::{At, frame};
use crate::{
    console::{Frame, Posted, Visitor, icon::Icon, message::Message, posted::done, words},
    error::HttpError,
    page::Page,
};

/// An act that wants a second press: what it is about, and what follows from it.
#[derive(Debug, Template)]
#[template(path = "console/sure.html")]
pub(in crate::console) struct Sure {
    pub(in crate::console) frame: Frame,
    pub(in crate::console) text: String,
    /// Where it is sent to, with the fields that go along.
    pub(in crate::console) act: String,
    pub(in crate::console) fields: Vec<(&'static str, String)>,
    pub(in crate::console) button: &'static str,
    pub(in crate::console) back: String,
}

/// `GET .../{connection}/disable`
pub(in crate::console) async fn disabling(visitor: Visitor, at: At) -> Result<Response, HttpError> {
    let found = visitor.read(move |reader| connection::get(reader, at.0)).await?;
    let provider = words::of(&found).provider;
    let page = Sure {
        frame: frame(&visitor, &found, "Disable this connection?", "/disable"),
        text: format!(
            "{provider} gets errors and changes nobody, and whoever signed in through it is signed out. \
             Users, groups and tokens stay."
        ),
        act: at.page("/disable"),
        fields: Vec::new(),
        button: "Disable",
        back: at.page(""),
    };
    Ok(Page::ok(page).into_response())
}

/// `POST .../{connection}/disable`
pub(in crate::console) async fn disable(posted: Posted, at: At) -> Result<Response, HttpError> {
    posted.visitor.write(move |writer| connection::disable(writer, at.0)).await?;
    Ok(done(&at.page(""), Message::Disabled))
}

/// `POST .../{connection}/enable`
pub(in crate::console) async fn enable(posted: Posted, at: At) -> Result<Response, HttpError> {
    posted.visitor.write(move |writer| connection::activate(writer, at.0)).await?;
    Ok(done(&at.page(""), Message::Enabled))
}

/// `POST .../{connection}/rename`
pub(in crate::console) async fn rename(posted: Posted, at: At) -> Result<Response, HttpError> {
    let name = posted.given("name").map(str::to_owned);
    posted.visitor.write(move |writer| connection::rename(writer, at.0, name.as_deref())).await?;
    Ok(done(&at.page(""), Message::Renamed))
}

/// `POST .../{connection}/ipsie`: whether API tokens are refused.
pub(in crate::console) async fn set_ipsie(posted: Posted, at: At) -> Result<Response, HttpError> {
    let ipsie = posted.text("ipsie") == "on";
    posted.visitor.write(move |writer| connection::set_ipsie(writer, at.0, ipsie)).await?;
    Ok(done(&at.page("/credentials"), Message::Saved))
}
