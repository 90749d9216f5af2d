//! Tells applications that someone is signed out (OpenID Connect Back-Channel Logout §2.5). What is due is
//! in the store, so that it is told also where this server ends in the middle of it.

use std::time::Duration;

use ::oauth::openid::LogoutToken;
use directory::oauth::{
    client, key,
    logout::{self, Due},
};
use futures_util::future::join_all;
use http::{HeaderMap, HeaderValue, header};
use tokio::{select, sync::oneshot, time::sleep};

use super::issuer;
use crate::{
    App,
    error::HttpError,
    outbound::{Failure, Limits},
};

/// How often someone looks whether an application is to be told something.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Tells what is due, until the server ends.
pub(crate) async fn keep_telling(app: App, stopped: oneshot::Receiver<()>) {
    let telling = async {
        loop {
            if let Err(error) = tell(&app).await {
                tracing::error!(?error, "applications could not be told of a logout; trying again");
            }
            sleep(LOOK_EVERY).await;
        }
    };
    select! {
        biased;
        _ = stopped => {}
        () = telling => {}
    }
}

/// Tells what is due now. Answers how many applications know.
pub(crate) async fn tell(app: &App) -> Result<usize, HttpError> {
    let due = logout::due(app.store()).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let told = join_all(due.iter().map(|due| tell_one(app, due))).await;
    let mut count = 0;
    for told in told {
        count += usize::from(told?);
    }
    Ok(count)
}

async fn tell_one(app: &App, due: &Due) -> Result<bool, HttpError> {
    let store = app.store();
    let Some(client) = client::find(store, &due.client).await? else {
        logout::told(store, due).await?;
        return Ok(false);
    };
    let key = key::signing(store, client.registered.id_token_algorithm).await?;
    let token = LogoutToken {
        issuer: &issuer(app),
        client_id: &due.client,
        subject: &due.subject,
        session_id: due.session_id.as_deref(),
        id: due.id(),
    };
    let token = token.sign(&key.signing, store.clock().now().timestamp());
    let token = token.map_err(|error| HttpError::internal().caused_by(&error))?;
    match post(app, &due.address, &token).await {
        Ok(status) if status.is_success() => {
            logout::told(store, due).await?;
            Ok(true)
        }
        Ok(status) => {
            tracing::warn!(client = %due.client, %status, "an application refused a logout");
            Ok(false)
        }
        Err(failure) => {
            tracing::warn!(client = %due.client, %failure, "an application was not told");
            Ok(false)
        }
    }
}

/// Posts a logout token as a form.
async fn post(app: &App, address: &str, token: &str) -> Result<http::StatusCode, Failure> {
    const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
    let body =
        form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", token).finish();
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, FORM)]);
    let answer = app.outbound().post(address, headers, body.into(), Limits::default()).await?;
    Ok(answer.status)
}
