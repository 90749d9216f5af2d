//! `/organizations/{organization}/snapshot`: what the events of an organization have come to.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::Bytes,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use directory::{Access, Error, OrganizationId, Store, snapshot};
use tokio::sync::mpsc;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{BASE, Organization};
use crate::{App, error::HttpError, http::stream};

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(tell))
}

/// So many snapshots are told at a time on one server: each has a connection to the store and a thread of its
/// own.
pub(crate) const MOST: usize = 4;
/// So many of them of one organization: it leaves places to the others.
pub(crate) const MOST_OF_ONE: usize = 2;

/// The organizations of which snapshots are being told.
#[derive(Debug, Default)]
pub(crate) struct Snapshots(Arc<Mutex<Vec<OrganizationId>>>);

impl Snapshots {
    /// A place for one more of an organization.
    ///
    /// # Errors
    ///
    /// 429 where there is none at the moment.
    pub(super) fn place_for(&self, of: &Organization) -> Result<Place, HttpError> {
        self.place(of.record().id).ok_or_else(|| {
            let detail = "Other snapshots, or restores, are being made. Try again.";
            HttpError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_snapshots", detail)
                .retry_after(5)
        })
    }

    /// The same; `None`: there is none at the moment.
    fn place(&self, of: OrganizationId) -> Option<Place> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = told.iter().filter(|one| **one == of).count();
        (told.len() < MOST && own < MOST_OF_ONE).then(|| {
            told.push(of);
            Place { told: Arc::clone(&self.0), of }
        })
    }
}

/// A snapshot's place, which is free again when this value goes away.
#[derive(Debug)]
pub(super) struct Place {
    told: Arc<Mutex<Vec<OrganizationId>>>,
    of: OrganizationId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = told.iter().position(|one| *one == self.of) {
            told.swap_remove(at);
        }
    }
}

/// Pieces that may wait for the client.
const WAITING: usize = 2;

/// Where the snapshot of an organization is.
pub(super) fn address(organization: OrganizationId) -> String {
    format!("{BASE}/organizations/{organization}/snapshot")
}

/// Tells an organization as it is after one event, as lines of JSON: `snapshot.begins` with the `number` of
/// that event, then events (`kind`, `target`, `data`) that make the same, then `snapshot.ends`; without that
/// it is not whole. Empty your tables, take the lines in as you take events in, and go on after the number.
#[utoipa::path(get, path = "/organizations/{organization}/snapshot", tag = "events",
    responses((status = 200, content_type = "application/jsonl", body = String)))]
async fn tell(organization: Organization) -> Result<Response, HttpError> {
    told(
        &organization,
        |store, access, take| async move { snapshot::tell(&store, &access, take).await },
    )
    .await
}

/// Where a snapshot puts its pieces.
pub(super) type Take = Box<dyn FnMut(String) -> bool + Send>;

/// The answer with a snapshot, while it is told.
pub(super) async fn told<F>(
    organization: &Organization,
    tell: impl FnOnce(Store, Access, Take) -> F,
) -> Result<Response, HttpError>
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let place = organization.app().snapshots().place_for(organization)?;
    let (pieces, mut told) = mpsc::channel::<Bytes>(WAITING);
    let (store, access) = (organization.app().store().clone(), organization.access().clone());
    let take = move |piece: String| pieces.blocking_send(piece.into()).is_ok();
    let telling = tokio::spawn(tell(store, access, Box::new(take)));
    // Whoever may not have it is told so, and not by an answer that breaks off.
    let Some(first) = told.recv().await else {
        return Err(match telling.await {
            Ok(Err(error)) => error.into(),
            Ok(Ok(())) | Err(_) => HttpError::internal(),
        });
    };
    let body = stream::body(move |sink| async move {
        let _place = place;
        let mut piece = Some(first);
        while let Some(bytes) = piece {
            sink.send(bytes).await.map_err(|gone| gone.to_string())?;
            piece = told.recv().await;
        }
        telling.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    });
    let content_type = HeaderValue::from_static("application/jsonl");
    Ok(([(header::CONTENT_TYPE, content_type)], body).into_response())
}

#[cfg(test)]
mod tests {
    use directory::OrganizationId;

    use super::{MOST, MOST_OF_ONE, Snapshots};

    #[test]
    fn no_organization_takes_all_places() {
        let snapshots = Snapshots::default();
        let [one, other, third] = [1, 2, 3].map(|number| {
            let text = format!("00000000-0000-4000-8000-00000000000{number}");
            OrganizationId::parse(&text).expect("an id")
        });
        let mut own: Vec<_> = (0..MOST_OF_ONE).filter_map(|_| snapshots.place(one)).collect();
        assert_eq!(own.len(), MOST_OF_ONE);
        assert!(snapshots.place(one).is_none(), "one organization has no more");
        let others: Vec<_> = (MOST_OF_ONE..MOST).filter_map(|_| snapshots.place(other)).collect();
        assert_eq!(others.len(), MOST - MOST_OF_ONE, "the rest is for others");
        assert!(snapshots.place(third).is_none(), "there are no more");
        // One that ends leaves its place to anyone.
        own.pop();
        assert!(snapshots.place(third).is_some());
    }
}
