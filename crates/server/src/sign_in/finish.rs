//! `GET /saml/{connection}/finish`: the browser that asked comes for the answer.

use axum::{
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use directory::{
    Secret, Writer,
    sign_in::{self, Finished},
};
use http::{HeaderMap, header};

use super::{
    At,
    acs::see_other,
    address::ReturnTo,
    not_signed_in,
    pages::{TestResult, not_finished},
};
use crate::{App, cookie, error::HttpError, http::query::Query, page::Page, session};

pub(super) async fn finish(
    State(app): State<App>,
    at: At,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let query = Query::parse(query.as_deref().unwrap_or_default()).ok();
    let handle = query.as_ref().and_then(|query| query.get("answer")).and_then(Secret::parse);
    let Some(handle) = handle else { return Ok(not_finished(&at).into_response()) };
    let jar = app.cookies();
    let browser = jar.get(&headers, cookie::BROWSER).and_then(Secret::parse);
    let before = session::signed_in(&app, &headers, at.peer.request).await?;
    let browser = sign_in::Browser {
        asked: browser,
        signed_in: before.as_ref().map(|before| before.user.id),
        client: at.peer.client(&headers),
    };
    let policy = app.sessions();
    let finished = sign_in::finish(app.store(), &at.saml, handle, browser, policy).await?;
    match finished {
        Finished::SignedIn { session, return_to } => {
            // One browser is one person: who was signed in before is signed out. It may be in
            // another organization, so it is another transaction; should it fail, the new session
            // is shown to none.
            if let Some(before) = before {
                let (access, next) = (before.access.clone(), session.clone());
                let end = move |writer: &mut Writer<'_>| {
                    directory::session::replace(writer, &before, &next)
                };
                app.store().write(&access, end).await?;
            }
            let mut response = see_other(ReturnTo::kept(&return_to).as_str());
            let cookie = jar.set(cookie::SESSION, &session.cookie.reveal(), policy.life);
            response.headers_mut().append(header::SET_COOKIE, cookie);
            Ok(response)
        }
        Finished::Tested(test) => Ok(Page::ok(TestResult::new(&at, &test)).into_response()),
        Finished::Refused(refusal) => {
            let connection = at.saml.connection.id;
            tracing::info!(%connection, code = refusal.code(), %refusal, "a sign-in was refused");
            Ok(not_signed_in(at.peer.request).into_response())
        }
    }
}
