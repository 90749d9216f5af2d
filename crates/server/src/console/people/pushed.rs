//! `.../{connection}/people`: whom a connection pushed lately.

use askama::Template;
use axum::response::Response;
use directory::{Error, User, connection, pushed};

use super::{list::state, name_of};
use crate::{
    console::{
        Frame, Visitor,
        icon::{Icon, Tag},
        integrations::{At, frame},
        live::Watched,
        time::Moment,
        words::{self, Words},
    },
    error::HttpError,
};

/// Rows of the page.
const ROWS: usize = 100;

#[derive(Debug)]
struct Row {
    address: Option<String>,
    name: String,
    user_name: String,
    state: Tag,
    modified: Moment,
}

#[derive(Debug, Template)]
#[template(path = "console/pushed.html")]
struct Pushed {
    frame: Frame,
    words: &'static Words,
    rows: Vec<Row>,
}

/// `GET .../{connection}/people`
pub(in crate::console) async fn show(
    visitor: Visitor,
    at: At,
    watched: Watched,
) -> Result<Response, HttpError> {
    watched.page(&visitor, move |visitor| async move { page(&visitor, at).await }).await
}

async fn page(visitor: &Visitor, at: At) -> Result<Pushed, HttpError> {
    let (connection, users) = visitor
        .read(move |reader| {
            let found = connection::get(reader, at.0)?;
            let users = pushed::users(reader, &found)?;
            Ok::<_, Error>((found, users))
        })
        .await?;
    let words = words::of(&connection);
    let is_person = visitor.person().is_some();
    let row = |user: &User| Row {
        address: is_person.then(|| format!("/console/users/{}", user.id)),
        name: name_of(user),
        user_name: user.name().to_owned(),
        state: state(user),
        modified: Moment(user.modified),
    };
    Ok(Pushed {
        frame: frame(visitor, &connection, format!("People from {}", words.provider), "/people"),
        words,
        rows: users.iter().take(ROWS).map(row).collect(),
    })
}
