//! [`Webhooks`]: those of an organization or of the installation, in someone's hands.

use super::{
    delivery::{self, Delivery, State},
    endpoint::{self, Change, Made, NewWebhook, Reason, Webhook},
    home::{Home, OfInstallation},
    secret::{self, Secret},
};
use crate::{
    access::{Access, Verb},
    audit::{self, INSTALLATION},
    error::Error,
    feed::{self, Missing},
    id::{DeliveryNo, EventNo, OrgNo, OrganizationId, WebhookId},
    installation::Installation,
    store::{Reader, Store},
};

/// The webhooks of an organization or of the installation, in someone's hands.
#[derive(Clone, Debug)]
pub struct Webhooks {
    store: Store,
    owner: Owner,
}

#[derive(Clone, Debug)]
enum Owner {
    Organization(Access),
    Installation(Installation),
}

/// From which event on everything is sent once more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Where it happened. A webhook of an organization knows; one of the installation has to be told, and
    /// sends what happened anywhere since the event got its place in the feed.
    pub organization: Option<OrganizationId>,
    /// The event.
    pub event: EventNo,
}

impl Webhooks {
    /// Those of an organization.
    #[must_use]
    pub fn of_organization(store: &Store, access: &Access) -> Self {
        Self { store: store.clone(), owner: Owner::Organization(access.clone()) }
    }

    /// Those of the installation, which are sent the events of all organizations.
    #[must_use]
    pub fn of_installation(installation: &Installation) -> Self {
        let store = installation.store().clone();
        Self { store, owner: Owner::Installation(installation.clone()) }
    }

    async fn read<T, F>(&self, mut work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Reader<'_>) -> Result<T, Error> + Send + 'static,
    {
        match &self.owner {
            Owner::Organization(access) => self.store.read(access, work).await,
            Owner::Installation(installation) => {
                let access = installation.access(INSTALLATION)?;
                self.store.read_catalog(move |catalog| work(&mut catalog.reader(&access))).await
            }
        }
    }

    async fn write<T, F>(&self, mut work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut dyn Home) -> Result<T, Error> + Send + 'static,
    {
        match &self.owner {
            Owner::Organization(access) => {
                self.store.write(access, move |writer| work(writer)).await
            }
            Owner::Installation(installation) => {
                let (access, by) = (installation.access(INSTALLATION)?, installation.by());
                let change = move |catalog: &mut crate::store::Catalog<'_>| {
                    // Whoever changes another at this moment waits for this one.
                    audit::lock_installation(catalog)?;
                    work(&mut OfInstallation { catalog, access: &access, by: &by })
                };
                self.store.write_catalog(change).await
            }
        }
    }

    /// All of them, oldest first.
    ///
    /// # Errors
    ///
    /// [`Error::Denied`]; those of the store.
    pub async fn list(&self) -> Result<Vec<Webhook>, Error> {
        self.read(endpoint::list).await
    }

    /// One of them.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Denied`].
    pub async fn get(&self, id: WebhookId) -> Result<Webhook, Error> {
        self.read(move |reader| endpoint::get(reader, id)).await
    }

    /// One of them, how many events wait to be accepted, and how many were given up.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Denied`].
    pub async fn look(&self, id: WebhookId) -> Result<(Webhook, i64, i64), Error> {
        self.read(move |reader| {
            let webhook = endpoint::get(reader, id)?;
            let (waiting, dead) = endpoint::counts(reader, id)?;
            Ok((webhook, waiting, dead))
        })
        .await
    }

    /// Makes one. It is sent what happens from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`]; [`Error::Conflict`] where there are many already; [`Error::Denied`].
    pub async fn create(&self, new: NewWebhook) -> Result<Made, Error> {
        self.permit(Verb::ManageWebhooks)?;
        let seal = self.store.webhook_seal().await?;
        if matches!(self.owner, Owner::Installation(_)) {
            // What has happened has a place, so that the new one begins after it.
            feed::gather_all(&self.store).await?;
        }
        self.write(move |home| endpoint::create_in(home, &seal, &new)).await
    }

    /// Changes one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Invalid`]; [`Error::Denied`].
    pub async fn change(&self, id: WebhookId, change: Change) -> Result<Webhook, Error> {
        self.write(move |home| endpoint::change(home, id, &change)).await
    }

    /// Makes a further secret: both sign until one is retired.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Conflict`] where two sign already; [`Error::Denied`].
    pub async fn rotate(&self, id: WebhookId) -> Result<Made, Error> {
        let seal = self.store.webhook_seal().await?;
        self.write(move |home| endpoint::rotate_in(home, &seal, id)).await
    }

    /// Takes a secret away: it signs no longer.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Conflict`] where it is the only one; [`Error::Denied`].
    pub async fn retire(&self, id: WebhookId, number: i64) -> Result<Webhook, Error> {
        self.write(move |home| endpoint::retire(home, id, number)).await
    }

    /// Sends nothing until it is resumed. Doing so again changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Denied`].
    pub async fn pause(&self, id: WebhookId) -> Result<Webhook, Error> {
        self.permit(Verb::ManageWebhooks)?;
        self.write(move |home| endpoint::pause(home, id, (Reason::Manual, None))).await
    }

    /// Pauses one because its receiver fails.
    pub(super) async fn give_up(
        &self,
        id: WebhookId,
        (reason, detail): (Reason, String),
    ) -> Result<Webhook, Error> {
        self.write(move |home| endpoint::pause(home, id, (reason, Some(detail.clone())))).await
    }

    /// Pauses one that events were removed for before they were sent.
    pub(super) async fn miss(&self, id: WebhookId, missing: Missing) -> Result<(), Error> {
        tracing::warn!(webhook = %id, ?missing, "a webhook is paused: events are not kept so long");
        self.write(move |home| endpoint::miss(home, id, missing)).await
    }

    /// Those of an organization or of the installation, in the hands of upkeep.
    pub(super) fn of_upkeep(store: &Store, org: OrgNo) -> Self {
        if org == INSTALLATION {
            Self::of_installation(&Installation::of_upkeep(store))
        } else {
            Self::of_organization(store, &Access::system(org))
        }
    }

    /// Sends again, and at once what waits. With `skip`, events that were sent as often as one is are given
    /// up, so that what comes after them is sent.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Denied`].
    pub async fn resume(&self, id: WebhookId, skip: bool) -> Result<Webhook, Error> {
        self.write(move |home| endpoint::resume(home, id, skip)).await
    }

    /// Sends everything once more from an event on.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], where there is no such event, too; [`Error::Invalid`]; [`Error::Denied`].
    pub async fn replay(&self, id: WebhookId, from: Replay) -> Result<Webhook, Error> {
        self.permit(Verb::ManageWebhooks)?;
        if matches!(self.owner, Owner::Installation(_)) {
            feed::gather_all(&self.store).await?;
        }
        self.write(move |home| endpoint::replay(home, id, from)).await
    }

    /// Sends an event once more that was given up.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], where it was not given up, too; [`Error::Denied`].
    pub async fn retry(&self, id: WebhookId, no: DeliveryNo) -> Result<(), Error> {
        self.write(move |home| endpoint::retry(home, id, no)).await
    }

    /// Notes that someone has one tested. Answers it, with what its messages are signed with.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Denied`].
    pub async fn test(&self, id: WebhookId) -> Result<(Webhook, Vec<Secret>), Error> {
        let seal = self.store.webhook_seal().await?;
        let webhook = self.write(move |home| endpoint::test(home, id)).await?;
        let secrets = self.read(move |reader| {
            let org = reader.org();
            let sealed = secret::of_webhook(reader, id)?;
            sealed.iter().map(|sealed| sealed.open(&seal, org)).collect::<Result<_, _>>()
        });
        Ok((webhook, secrets.await?))
    }

    /// What was sent and what waits, before a delivery, newest first, at most `limit`; of all states, or of
    /// one.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Denied`].
    pub async fn deliveries(
        &self,
        id: WebhookId,
        state: Option<State>,
        (before, limit): (Option<DeliveryNo>, u32),
    ) -> Result<Vec<Delivery>, Error> {
        self.read(move |reader| {
            endpoint::get(reader, id)?;
            delivery::page(reader, id, state, (before, limit))
        })
        .await
    }

    /// Deletes one, with what waits for it.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`]; [`Error::Denied`].
    pub async fn delete(&self, id: WebhookId) -> Result<(), Error> {
        self.write(move |home| endpoint::delete(home, id)).await
    }

    fn permit(&self, verb: Verb) -> Result<(), Error> {
        match &self.owner {
            Owner::Organization(access) => access.permit(verb),
            Owner::Installation(installation) => installation.permit(verb),
        }
    }
}
