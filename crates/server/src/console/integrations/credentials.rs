//! `.../{connection}/credentials`: give, change, take back.

use askama::Template;
use axum::response::{IntoResponse as _, Response};
use directory::{
    Error, Time, TokenNo,
    connection::{self, Connection},
    plan::{self, Feature},
    token::{self, Token},
};

use super::{At, base_url, frame, switch::Sure};
use crate::{
    console::{
        Frame, Posted, Visitor,
        icon::{Icon, Tag, Tone},
        message::Message,
        posted::{done, see_other},
        time::{Moment, ago},
        words::{self, Words},
    },
    error::HttpError,
    page::Page,
};

/// So many tokens of one connection the console makes: one in use, one to change over to.
const AT_MOST: usize = 2;
/// How long a token works.
const LIFE: std::time::Duration = std::time::Duration::from_hours(365 * 24);
/// After so long without use an old token may go.
const QUIET: std::time::Duration = std::time::Duration::from_hours(24);

/// A token as a page shows it.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) number: String,
    pub(super) ending: String,
    pub(super) state: Tag,
    pub(super) created: Moment,
    pub(super) used: Option<Moment>,
    pub(super) expires: Option<Moment>,
    pub(super) is_live: bool,
    /// It is not used any more, and another one is.
    pub(super) may_go: bool,
}

/// The pair of values that the provider is given, with the token in clear. Only the answer to the act
/// that made the token has it.
#[derive(Debug)]
pub(super) struct Revealed {
    pub(super) token: String,
}

#[expect(clippy::struct_excessive_bools, reason = "a page shows or leaves out each part by itself")]
#[derive(Debug, Template)]
#[template(path = "console/credentials.html")]
struct Credentials {
    frame: Frame,
    words: &'static Words,
    base_url: Option<String>,
    shared_url: Option<String>,
    revealed: Option<Revealed>,
    tokens: Vec<Shown>,
    live: usize,
    /// Whether the connection takes no tokens that stay the same.
    ipsie: bool,
    may_change: bool,
    may_switch: bool,
    is_fresh: bool,
    sign_in: Option<String>,
    refusal: Option<String>,
    act: String,
}

/// `GET .../{connection}/credentials`
pub(in crate::console) async fn show(visitor: Visitor, at: At) -> Result<Response, HttpError> {
    Ok(Page::ok(page(&visitor, at, None).await?).into_response())
}

async fn page(
    visitor: &Visitor,
    at: At,
    revealed: Option<Revealed>,
) -> Result<Credentials, HttpError> {
    let now = visitor.store().clock().now();
    let (connection, tokens, refusal) = visitor
        .read(move |reader| {
            let found = connection::get(reader, at.0)?;
            let tokens = token::list(reader, at.0)?;
            let refusal = match plan::require(reader, Feature::Scim) {
                Ok(()) => None,
                Err(error @ Error::Denied { .. }) => Some(error.to_string()),
                Err(error) => return Err(error),
            };
            Ok((found, tokens, refusal))
        })
        .await?;
    let base_url = base_url(visitor, &connection);
    let id = format!("/c/{}", connection.id);
    Ok(Credentials {
        frame: frame(visitor, &connection, "Credentials", "/credentials"),
        words: words::of(&connection),
        shared_url: base_url.as_ref().map(|url| url.replacen(&id, "", 1)),
        base_url,
        revealed,
        live: tokens.iter().filter(|token| token.is_live(now)).count(),
        tokens: shown(&tokens, now),
        ipsie: connection.ipsie,
        may_switch: visitor.is_superadmin(),
        may_change: may_change(visitor),
        is_fresh: visitor.is_fresh(),
        sign_in: sign_in_again(visitor, &at.page("/credentials")),
        refusal,
        act: at.page("/credentials"),
    })
}

/// Whether the visitor gives and takes credentials.
pub(super) fn may_change(visitor: &Visitor) -> bool {
    visitor.is_superadmin() || visitor.bearer().is_some()
}

/// Where the visitor signs in once more, and comes back from.
pub(super) fn sign_in_again(visitor: &Visitor, back: &str) -> Option<String> {
    Some(match &visitor.person()?.connection {
        Some(through) => format!("/saml/{}/login?return_to={back}", through.id),
        None => format!("/signin/break-glass?return_to={back}"),
    })
}

/// Tokens, newest first; what works no longer comes last.
pub(super) fn shown(tokens: &[Token], now: Time) -> Vec<Shown> {
    let newest_used = tokens.iter().filter_map(|token| token.last_used).max();
    let one = |token: &Token| {
        let is_live = token.is_live(now);
        let is_quiet = token.last_used.unwrap_or(token.created).plus(QUIET) < now;
        Shown {
            number: token.no.to_string(),
            ending: token.ending.clone(),
            state: match token.revoked {
                Some(_) => Tag(Tone::Off, "Revoked"),
                None if is_live => Tag(Tone::Done, "Live"),
                None => Tag(Tone::Attention, "Expired"),
            },
            created: Moment(token.created),
            used: token.last_used.map(Moment),
            expires: token.expires.map(Moment),
            is_live,
            may_go: is_live && is_quiet && newest_used > token.last_used,
        }
    };
    let mut sorted: Vec<&Token> = tokens.iter().collect();
    sorted.sort_by_key(|token| (!token.is_live(now), std::cmp::Reverse(token.no)));
    sorted.into_iter().map(one).collect()
}

/// `POST .../{connection}/credentials`: makes a token. `expected` says how many there were when the
/// page was made, so that loading the answer anew makes no other.
pub(in crate::console) async fn issue(posted: Posted, at: At) -> Result<Response, HttpError> {
    match make(&posted, at).await? {
        None => Ok(see_other(&at.page("/credentials"))),
        Some(revealed) => {
            Ok(Page::ok(page(&posted.visitor, at, Some(revealed)).await?).into_response())
        }
    }
}

/// Makes a token, unless there are others than the page knew of.
pub(super) async fn make(posted: &Posted, at: At) -> Result<Option<Revealed>, HttpError> {
    let visitor = &posted.visitor;
    if !visitor.is_fresh() {
        return Err(HttpError::new(
            http::StatusCode::FORBIDDEN,
            "not_fresh",
            "Making a token needs a fresh sign-in. Sign in again, and press the button once more; a \
             set-up link is good for it in its first hour.",
        ));
    }
    let expected: usize = posted.text("expected").parse().unwrap_or(usize::MAX);
    let made = visitor
        .write(move |writer| {
            let now = writer.now();
            plan::require(writer, Feature::Scim)?;
            let tokens = token::list(writer, at.0)?;
            let live = tokens.iter().filter(|token| token.is_live(now)).count();
            if live != expected || live >= AT_MOST {
                return Ok(None);
            }
            token::issue(writer, at.0, Some(now.plus(LIFE))).map(Some)
        })
        .await?;
    Ok(made.map(|issued| Revealed { token: issued.reveal().to_owned() }))
}

/// The token in an address.
fn number(posted: &str) -> Result<TokenNo, Error> {
    TokenNo::parse(posted).ok_or_else(|| Error::not_found(directory::Noun::Token))
}

/// `GET .../{connection}/revoke?token=N`
pub(in crate::console) async fn sure(visitor: Visitor, at: At) -> Result<Response, HttpError> {
    let number = number(visitor.query("token").unwrap_or_default())?;
    let now = visitor.store().clock().now();
    let (connection, tokens): (Connection, Vec<Token>) = visitor
        .read(move |reader| Ok((connection::get(reader, at.0)?, token::list(reader, at.0)?)))
        .await?;
    let token = tokens.into_iter().find(|token| token.no == number && token.revoked.is_none());
    let token = token.ok_or_else(|| Error::not_found(directory::Noun::Token))?;
    let provider = words::of(&connection).provider;
    let used = match token.last_used {
        Some(used) => format!("{provider} used it {}.", ago(used, now)),
        None => format!("{provider} has not used it."),
    };
    let page = Sure {
        frame: frame(
            &visitor,
            &connection,
            format!("Revoke the token ending {}?", token.ending),
            "/revoke",
        ),
        text: format!("{used} If it is still in {provider}, provisioning stops."),
        act: at.page("/revoke"),
        fields: vec![("token", number.to_string())],
        button: "Revoke",
        back: at.page("/credentials"),
    };
    Ok(Page::ok(page).into_response())
}

/// `POST .../{connection}/revoke`
pub(in crate::console) async fn revoke(posted: Posted, at: At) -> Result<Response, HttpError> {
    let number = number(posted.text("token"))?;
    posted.visitor.write(move |writer| token::revoke(writer, at.0, number)).await?;
    Ok(done(&at.page("/credentials"), Message::Revoked))
}
