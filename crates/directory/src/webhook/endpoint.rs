//! [`Webhook`]: an address that events are sent to, and what is done to it.

use super::{
    delivery::{self, State},
    filter::Filter,
    home::Home,
    owner::Replay,
    schedule::MOST_ATTEMPTS,
    secret::{self, KeptSecret, MOST_LIVE, Secret},
};
use crate::{
    access::Verb,
    audit::kinds,
    clock::Time,
    db::{Row, statements},
    error::{Error, Noun},
    feed::{Missing, Position},
    id::{DeliveryNo, WebhookId},
    keyword::keyword,
    seal::Seal,
    store::{Reader, Writer},
};

statements! {
    INSERT = Sql {
        "insert into webhook (org, id, url, description, kinds, ordering, created, place, last, \
         next_delivery, wake, failing) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, 0, 0)"
    };
    ALL = Sql {
        "select id, url, description, kinds, ordering, created, paused, paused_since, paused_detail, \
         failing_since, accepted from webhook where org = $1"
    };
    GET = Sql {
        "select id, url, description, kinds, ordering, created, paused, paused_since, paused_detail, \
         failing_since, accepted from webhook where org = $1 and id = $2"
    };
    CHANGE = Sql {
        "update webhook set url = $3, description = $4, kinds = $5, ordering = $6 \
         where org = $1 and id = $2"
    };
    PAUSE = Sql {
        "update webhook set paused = $3, paused_since = $4, paused_detail = $5, due = null \
         where org = $1 and id = $2"
    };
    RESUME = Sql {
        "update webhook set paused = null, paused_since = null, paused_detail = null, due = $3, \
         failing = 0, failing_since = null where org = $1 and id = $2"
    };
    MOVE = Sql { "update webhook set place = $3, last = $4 where org = $1 and id = $2" };
    LOOK = Sql { "update webhook set due = $3 where org = $1 and id = $2 and paused is null" };
    DELETE = Sql { "delete from webhook where org = $1 and id = $2" };
}

/// So many webhooks an organization may have, and the installation.
pub(crate) const MOST: usize = 50;
/// The longest address, in bytes.
pub(crate) const LONGEST_URL: usize = 2_000;
/// The longest description, in characters.
pub(crate) const LONGEST_DESCRIPTION: usize = 200;

keyword! {
    /// In which order events are sent.
    Order {
        /// Those of each organization in their order: one waits until the one before was accepted.
        Organization = "organization",
        /// Each as soon as it can be: one that is not accepted holds up no other.
        Unordered = "none",
    }
}

keyword! {
    /// Why nothing is sent.
    Reason {
        /// Someone paused it.
        Manual = "manual",
        /// Nothing was accepted for days.
        Failing = "failing",
        /// The receiver said that it is gone (410).
        Gone = "gone",
        /// Events were removed before they were accepted, because they were not kept so long.
        Pruned = "pruned",
    }
}

/// Nothing is sent until someone resumes it. Events that happen meanwhile are sent then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paused {
    /// Why.
    pub reason: Reason,
    /// Since when.
    pub since: Time,
    /// What happened, where Doorward did it by itself.
    pub detail: Option<String>,
}

/// An address that events are sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Where events are sent to.
    pub url: String,
    /// What it is for, in the words of whoever made it.
    pub description: String,
    /// Which kinds of events.
    pub events: Filter,
    /// In which order.
    pub order: Order,
    /// When it was made.
    pub created: Time,
    /// Why nothing is sent, where that is so.
    pub paused: Option<Paused>,
    /// Since when everything fails, where that is so.
    pub failing_since: Option<Time>,
    /// When something was accepted last.
    pub accepted: Option<Time>,
    /// What its messages are signed with, oldest first.
    pub secrets: Vec<KeptSecret>,
}

/// A webhook that is to be made. It is sent what happens from then on.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// Where events are to be sent to.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// Which kinds of events.
    pub events: Filter,
    /// In which order.
    pub order: Order,
}

/// What is to be different from now on.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Where events are to be sent to, those that wait, too.
    pub url: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Which kinds of events.
    pub events: Option<Filter>,
    /// In which order.
    pub order: Option<Order>,
}

/// A webhook with a secret that was just made. It is shown once.
#[derive(Clone, Debug)]
pub struct Made {
    /// The webhook.
    pub webhook: Webhook,
    /// The secret.
    pub secret: Secret,
}

impl Webhook {
    fn from_row(mut row: Row) -> Result<Self, Error> {
        let reason: Option<Reason> = row.get("paused")?;
        let paused = match reason {
            None => None,
            Some(reason) => {
                let detail = row.get("paused_detail")?;
                Some(Paused { reason, since: row.get("paused_since")?, detail })
            }
        };
        let kinds: String = row.get("kinds")?;
        Ok(Self {
            id: row.get("id")?,
            url: row.get("url")?,
            description: row.get("description")?,
            events: Filter::stored(&kinds),
            order: row.get("ordering")?,
            created: row.get("created")?,
            paused,
            failing_since: row.get("failing_since")?,
            accepted: row.get("accepted")?,
            secrets: Vec::new(),
        })
    }
}

/// Makes sure that an address can be one. Whether it may be sent to, whoever sends finds out each time.
fn check_url(url: &str) -> Result<(), Error> {
    let is_http = ["https://", "http://"].iter().any(|scheme| url.starts_with(scheme));
    if !is_http || !url.bytes().all(|byte| byte.is_ascii_graphic()) {
        let detail = "A webhook has an address that begins with https:// and has no blanks.";
        return Err(Error::invalid("url", detail));
    }
    if url.len() > LONGEST_URL {
        let detail = format!("The address of a webhook has at most {LONGEST_URL} characters.");
        return Err(Error::invalid("url", detail));
    }
    Ok(())
}

fn check_description(text: &str) -> Result<(), Error> {
    if text.chars().count() > LONGEST_DESCRIPTION || text.chars().any(char::is_control) {
        let detail = format!(
            "The description of a webhook has at most {LONGEST_DESCRIPTION} characters, and no control \
             characters."
        );
        return Err(Error::invalid("description", detail));
    }
    Ok(())
}

/// All of an owner, oldest first.
pub(super) fn list(reader: &mut Reader<'_>) -> Result<Vec<Webhook>, Error> {
    reader.permit(Verb::ReadWebhooks)?;
    let rows = reader.query(ALL, &[])?;
    let mut all = rows.into_iter().map(Webhook::from_row).collect::<Result<Vec<_>, Error>>()?;
    for sealed in secret::of_owner(reader)? {
        if let Some(webhook) = all.iter_mut().find(|webhook| webhook.id == sealed.webhook) {
            webhook.secrets.push(sealed.kept);
        }
    }
    all.sort_by_key(|webhook| (webhook.created, webhook.id));
    Ok(all)
}

/// One of an owner.
pub(super) fn get(reader: &mut Reader<'_>, id: WebhookId) -> Result<Webhook, Error> {
    reader.permit(Verb::ReadWebhooks)?;
    let row = reader.query_one(GET, &[(&id.to_string()).into()])?;
    let mut webhook = Webhook::from_row(row.ok_or_else(|| missing(id))?)?;
    webhook.secrets = secret::of_webhook(reader, id)?.iter().map(|sealed| sealed.kept).collect();
    Ok(webhook)
}

fn missing(id: WebhookId) -> Error {
    Error::no_such(Noun::Webhook, id.to_string())
}

/// The webhook that is about to be changed.
pub(super) fn known(home: &mut dyn Home, id: WebhookId) -> Result<Webhook, Error> {
    let row = home.query(GET, &[(&id.to_string()).into()])?.pop();
    let mut webhook = Webhook::from_row(row.ok_or_else(|| missing(id))?)?;
    webhook.secrets = secret::kept(home, id)?;
    Ok(webhook)
}

/// Makes a webhook of an organization. Its secret is sealed by that of
/// [the store](crate::Store::webhook_seal).
///
/// # Errors
///
/// [`Error::Invalid`]; [`Error::Conflict`] where there are many already; [`Error::Denied`].
pub fn create(writer: &mut Writer<'_>, seal: &Seal, new: &NewWebhook) -> Result<Made, Error> {
    create_in(writer, seal, new)
}

/// Makes a further secret of a webhook of an organization.
///
/// # Errors
///
/// [`Error::NotFound`]; [`Error::Conflict`] where two sign already; [`Error::Denied`].
pub fn rotate(writer: &mut Writer<'_>, seal: &Seal, id: WebhookId) -> Result<Made, Error> {
    rotate_in(writer, seal, id)
}

pub(super) fn create_in(home: &mut dyn Home, seal: &Seal, new: &NewWebhook) -> Result<Made, Error> {
    home.permit(Verb::ManageWebhooks)?;
    check_url(&new.url)?;
    check_description(&new.description)?;
    if home.query(ALL, &[])?.len() >= MOST {
        let detail = format!("There are {MOST} webhooks already; delete one first.");
        return Err(Error::conflict("webhook", detail));
    }
    let id = WebhookId::random(home.random());
    let (created, Position { place, last }) = (home.now(), home.newest()?);
    let (named, kinds) = (id.to_string(), new.events.text());
    let params = [
        (&named).into(),
        (&new.url).into(),
        (&new.description).into(),
        (&kinds).into(),
        new.order.as_str().into(),
        created.into(),
        place.into(),
        last.into(),
    ];
    home.send(INSERT, &params)?;
    let (secret, kept) = secret::make(home, seal, (id, 1))?;
    let payload = kinds::WebhookCreated {
        url: new.url.clone(),
        events: new.events.parts().to_vec(),
        order: new.order,
    };
    home.record(&named, payload.into())?;
    let webhook = Webhook {
        id,
        url: new.url.clone(),
        description: new.description.clone(),
        events: new.events.clone(),
        order: new.order,
        created,
        paused: None,
        failing_since: None,
        accepted: None,
        secrets: vec![kept],
    };
    Ok(Made { webhook, secret })
}

pub(super) fn rotate_in(home: &mut dyn Home, seal: &Seal, id: WebhookId) -> Result<Made, Error> {
    home.permit(Verb::ManageWebhooks)?;
    let mut webhook = known(home, id)?;
    if webhook.secrets.len() >= MOST_LIVE {
        let detail = format!("{MOST_LIVE} secrets sign its messages already; retire one first.");
        return Err(Error::conflict("secret", detail));
    }
    let number = webhook.secrets.last().map_or(0, |secret| secret.number) + 1;
    let (secret, kept) = secret::make(home, seal, (id, number))?;
    webhook.secrets.push(kept);
    home.record(&id.to_string(), kinds::WebhookSecretMade { number }.into())?;
    Ok(Made { webhook, secret })
}

pub(super) fn retire(home: &mut dyn Home, id: WebhookId, number: i64) -> Result<Webhook, Error> {
    home.permit(Verb::ManageWebhooks)?;
    let mut webhook = known(home, id)?;
    if webhook.secrets.len() == 1 && webhook.secrets[0].number == number {
        let detail = "It is the only secret; make another first.";
        return Err(Error::conflict("secret", detail));
    }
    secret::retire(home, id, number)?;
    webhook.secrets.retain(|secret| secret.number != number);
    home.record(&id.to_string(), kinds::WebhookSecretRetired { number }.into())?;
    Ok(webhook)
}

pub(super) fn change(
    home: &mut dyn Home,
    id: WebhookId,
    change: &Change,
) -> Result<Webhook, Error> {
    home.permit(Verb::ManageWebhooks)?;
    let before = known(home, id)?;
    let mut webhook = before.clone();
    if let Some(url) = &change.url {
        check_url(url)?;
        webhook.url.clone_from(url);
    }
    if let Some(description) = &change.description {
        check_description(description)?;
        webhook.description.clone_from(description);
    }
    if let Some(events) = &change.events {
        webhook.events = events.clone();
    }
    if let Some(order) = change.order {
        webhook.order = order;
    }
    if webhook == before {
        return Ok(webhook);
    }
    let (named, kinds) = (id.to_string(), webhook.events.text());
    let params = [
        (&named).into(),
        (&webhook.url).into(),
        (&webhook.description).into(),
        (&kinds).into(),
        webhook.order.as_str().into(),
    ];
    home.send(CHANGE, &params)?;
    let payload = kinds::WebhookChanged {
        url: webhook.url.clone(),
        events: webhook.events.parts().to_vec(),
        order: webhook.order,
    };
    home.record(&named, payload.into())?;
    Ok(webhook)
}

/// Pauses a webhook for whoever may, or because its receiver fails.
pub(super) fn pause(
    home: &mut dyn Home,
    id: WebhookId,
    (reason, detail): (Reason, Option<String>),
) -> Result<Webhook, Error> {
    let webhook = known(home, id)?;
    if webhook.paused.is_some() {
        return Ok(webhook);
    }
    let (named, since) = (id.to_string(), home.now());
    let params = [(&named).into(), reason.as_str().into(), since.into(), detail.as_ref().into()];
    home.send(PAUSE, &params)?;
    let payload = kinds::WebhookPaused { url: webhook.url.clone(), reason, detail: detail.clone() };
    home.record(&named, payload.into())?;
    Ok(Webhook { paused: Some(Paused { reason, since, detail }), ..webhook })
}

/// Pauses a webhook that events were removed for before they were sent. Whoever resumes it has seen to it that
/// its receiver knows of them otherwise: those that come after them are sent.
pub(super) fn miss(home: &mut dyn Home, id: WebhookId, missing: Missing) -> Result<(), Error> {
    if known(home, id)?.paused.is_some() {
        return Ok(());
    }
    let Missing { organization, through, after: Position { place, last } } = missing;
    let detail = format!(
        "events of the organization {organization} up to number {through} were removed before they were \
         sent: they are not kept so long. Have the receiver take a snapshot of the organization, then \
         resume"
    );
    pause(home, id, (Reason::Pruned, Some(detail)))?;
    home.send(MOVE, &[(&id.to_string()).into(), place.into(), last.into()])
}

/// Sends again, and what waits at once. With `skip`, events that were sent as often as one is are given
/// up. A webhook that is not paused tries at once what waits.
pub(super) fn resume(home: &mut dyn Home, id: WebhookId, skip: bool) -> Result<Webhook, Error> {
    home.permit(Verb::ManageWebhooks)?;
    let webhook = known(home, id)?;
    let (named, now) = (id.to_string(), home.at_once());
    let attempts = i64::try_from(MOST_ATTEMPTS).unwrap_or(i64::MAX);
    let skipped = if skip { delivery::skip(home, id, attempts)? } else { 0 };
    delivery::try_now(home, id, now)?;
    home.send(RESUME, &[(&named).into(), now.into()])?;
    home.record(&named, kinds::WebhookResumed { skipped }.into())?;
    Ok(Webhook { paused: None, failing_since: None, ..webhook })
}

/// Sends everything once more from an event on.
pub(super) fn replay(home: &mut dyn Home, id: WebhookId, from: Replay) -> Result<Webhook, Error> {
    home.permit(Verb::ManageWebhooks)?;
    let webhook = known(home, id)?;
    let named = id.to_string();
    let found = home.before(from.organization, from.event)?;
    let missing = || Error::no_such(Noun::Event, from.event.to_string());
    let (organization, position) = found.ok_or_else(missing)?;
    delivery::forget_after(home, id, position)?;
    let Position { place, last } = position;
    home.send(MOVE, &[(&named).into(), place.into(), last.into()])?;
    look(home, id)?;
    let organization = organization.to_string();
    let payload = kinds::WebhookReplayed { organization, event: from.event.0 };
    home.record(&named, payload.into())?;
    Ok(webhook)
}

/// Sends an event once more that was given up.
pub(super) fn retry(home: &mut dyn Home, id: WebhookId, no: DeliveryNo) -> Result<(), Error> {
    home.permit(Verb::ManageWebhooks)?;
    known(home, id)?;
    delivery::revive(home, id, no)?;
    look(home, id)?;
    home.record(&id.to_string(), kinds::WebhookRetried { delivery: no.0 }.into())
}

/// Notes that someone has it tested. Answers the webhook.
pub(super) fn test(home: &mut dyn Home, id: WebhookId) -> Result<Webhook, Error> {
    home.permit(Verb::ManageWebhooks)?;
    let webhook = known(home, id)?;
    home.record(&id.to_string(), kinds::WebhookTested {}.into())?;
    Ok(webhook)
}

pub(super) fn delete(home: &mut dyn Home, id: WebhookId) -> Result<(), Error> {
    home.permit(Verb::ManageWebhooks)?;
    let (webhook, named) = (known(home, id)?, id.to_string());
    delivery::forget(home, id)?;
    secret::forget(home, id)?;
    home.send(DELETE, &[(&named).into()])?;
    home.record(&named, kinds::WebhookDeleted { url: webhook.url }.into())
}

/// Has someone look at it at once. Who sends at this moment finds that it may not record what came of it,
/// and it is sent again.
fn look(home: &mut dyn Home, id: WebhookId) -> Result<(), Error> {
    let now = home.at_once();
    home.send(LOOK, &[(&id.to_string()).into(), now.into()])
}

/// How many events wait to be accepted, and how many were given up.
pub(super) fn counts(reader: &mut Reader<'_>, id: WebhookId) -> Result<(i64, i64), Error> {
    Ok((delivery::count(reader, id, State::Waiting)?, delivery::count(reader, id, State::Dead)?))
}
