//! Metadata of providers at addresses that administrators gave: read once for them, and every day from then
//! on.

use std::time::Duration;

use directory::{
    Error,
    saml::{Described, source},
};
use http::StatusCode;
use tokio::{select, sync::oneshot, time::sleep};

use crate::{
    App,
    http::KB,
    outbound::{Limits, Outbound},
};

/// How often someone looks whether an address is to be read.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// What one reading may cost.
pub(crate) const LIMITS: Limits = Limits { time: Duration::from_secs(5), body: 512 * KB };

/// Reads the metadata at an address.
///
/// # Errors
///
/// [`Error::Invalid`] with a sentence for whoever gave the address.
pub async fn read(outbound: &Outbound, url: &str) -> Result<Described, Error> {
    let unreadable = |why: String| Error::Invalid {
        attribute: "metadata-url".into(),
        detail: format!("The metadata could not be read: {why}.").into(),
    };
    let answer = outbound.get(url, LIMITS).await.map_err(|error| unreadable(error.to_string()))?;
    match answer.status {
        StatusCode::OK => Described::read(&answer.body),
        status if status.is_redirection() => Err(unreadable(
            "the address leads on to another one, which is not followed: give that one".to_owned(),
        )),
        status => Err(unreadable(format!("the provider answered {status}"))),
    }
}

/// Reads what is due, until the server ends.
pub(crate) async fn keep_following(app: App, stopped: oneshot::Receiver<()>) {
    let following = async {
        loop {
            if let Err(error) = follow(&app).await {
                tracing::error!(%error, "metadata of providers could not be followed; trying again");
            }
            sleep(LOOK_EVERY).await;
        }
    };
    select! {
        biased;
        _ = stopped => {}
        () = following => {}
    }
}

/// Reads what is due now, as [`serve`](crate::serve) does all the time. Answers how many addresses were read.
///
/// # Errors
///
/// Those of the store.
pub async fn follow(app: &App) -> Result<usize, Error> {
    let due = source::due(app.store()).await?;
    let count = due.len();
    for due in due {
        let found = read(app.outbound(), &due.url).await;
        if let Err(error) = &found {
            tracing::warn!(url = due.url, %error, "metadata of a provider could not be read");
        }
        let noted = source::fetched(app.store(), due, found.map_err(|error| error.to_string()));
        // One that cannot be noted is due again when its claim has ended, and holds up no other.
        if let Err(error) = noted.await {
            tracing::error!(%error, "what came of reading metadata could not be noted");
        }
    }
    Ok(count)
}
