//! What goes in and out: webhooks, deliveries, and what is asked of them.

use directory::{
    Time,
    webhook::{Attempt, Delivery, Order, Reason, State, Webhook},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::words;

fn shown(time: Option<Time>) -> Option<String> {
    time.map(|time| time.to_string())
}

/// A webhook, without its secrets.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(super) struct Shown {
    /// Its id.
    pub(super) id: String,
    /// Where events are sent to.
    pub(super) url: String,
    /// What it is for.
    pub(super) description: String,
    /// Which kinds of events: names such as `user.archived`, or `user.*` for all about users. None: all.
    pub(super) events: Vec<String>,
    /// `organization`: the events of each organization in their order, each once the one before was
    /// accepted. `none`: each as soon as it can be.
    #[schema(schema_with = words::webhook_order)]
    pub(super) order: Order,
    /// When it was made.
    pub(super) created: String,
    /// Why nothing is sent; null: it is.
    pub(super) paused: Option<ShownPause>,
    /// Since when nothing is accepted; null: that is not so.
    pub(super) failing_since: Option<String>,
    /// When something was accepted last.
    pub(super) last_accepted: Option<String>,
    /// The secrets that sign its messages, oldest first.
    pub(super) secrets: Vec<ShownSecret>,
}

/// Why nothing is sent to a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookPause)]
pub(super) struct ShownPause {
    /// `manual`: someone paused it. `failing`: nothing was accepted for days. `gone`: the receiver said so.
    /// `pruned`: events were removed before they were accepted, because they were not kept so long.
    #[schema(schema_with = words::webhook_reason)]
    pub(super) reason: Reason,
    /// Since when.
    pub(super) since: String,
    /// What happened, where Doorward paused it by itself.
    pub(super) detail: Option<String>,
}

/// A secret of a webhook, without its text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookSecret)]
pub(super) struct ShownSecret {
    /// Its number at the webhook.
    pub(super) number: i64,
    /// When it was made.
    pub(super) created: String,
}

/// A webhook, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookStatus {
    #[serde(flatten)]
    pub(super) webhook: Shown,
    /// How many events were taken to be sent, and not accepted yet.
    pub(super) waiting: i64,
    /// How many events were given up, of those that are still told of.
    pub(super) given_up: i64,
}

/// A webhook with a secret that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MadeWebhook {
    #[serde(flatten)]
    pub(super) webhook: Shown,
    /// The secret itself: `whsec_` and the key in base64. It is shown once: null where the request was done
    /// before.
    pub(super) secret: Option<String>,
}

/// A webhook that is to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWebhook)]
pub(super) struct New {
    /// Where events are to be sent to: an address that begins with https.
    pub(super) url: String,
    /// What it is for.
    #[serde(default)]
    pub(super) description: String,
    /// Which kinds of events. None: all.
    #[serde(default)]
    pub(super) events: Vec<String>,
    /// In which order. Without it, in that of each organization.
    #[serde(default = "in_order")]
    #[schema(schema_with = words::webhook_order)]
    pub(super) order: Order,
}

fn in_order() -> Order {
    Order::Organization
}

/// What is to be different. What is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookChange {
    /// Where events are to be sent to, those that wait, too.
    pub(super) url: Option<String>,
    /// What it is for.
    pub(super) description: Option<String>,
    /// Which kinds of events. None: all.
    pub(super) events: Option<Vec<String>>,
    /// In which order.
    #[serde(default)]
    #[schema(schema_with = words::webhook_order)]
    pub(super) order: Option<Order>,
}

/// How sending is to begin again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Resumption {
    /// Whether events are given up that were sent as often as one is: what comes after them is sent then.
    #[serde(default)]
    pub(super) skip: bool,
}

/// From where on everything is sent once more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WebhookReplay {
    /// The number of the first event.
    pub(super) event: i64,
    /// The id of the organization in which it happened. A webhook of the installation needs it.
    pub(super) organization: Option<String>,
}

/// What came of an attempt to send a message.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookAttempt)]
pub(super) struct ShownAttempt {
    /// When.
    pub(super) at: String,
    /// The status of the answer; null: there was none.
    pub(super) status: Option<u16>,
    /// Why there was none.
    pub(super) error: Option<String>,
    /// Milliseconds that it took.
    pub(super) took: u64,
}

/// What came of a test.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WebhookTest {
    /// The `webhook-id` of the message.
    pub(super) message: String,
    #[serde(flatten)]
    pub(super) attempt: ShownAttempt,
}

/// An event that was sent to a webhook, or waits to be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub(super) struct ShownDelivery {
    /// Its number at the webhook.
    pub(super) number: i64,
    /// The id of the organization in which it happened.
    pub(super) organization: String,
    /// The number of the event.
    pub(super) event: i64,
    /// The kind of the event.
    pub(super) kind: String,
    /// `waiting`: it was not accepted yet. `delivered`: it was. `dead`: it was given up.
    #[schema(schema_with = words::delivery_state)]
    pub(super) state: State,
    /// When it is sent next.
    pub(super) due: Option<String>,
    /// When it was taken to be sent.
    pub(super) created: String,
    /// What came of each attempt, oldest first.
    pub(super) attempts: Vec<ShownAttempt>,
}

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct DeliveryQuery {
    /// Those in this state only.
    #[serde(default)]
    #[param(schema_with = words::delivery_state)]
    pub(super) state: Option<State>,
    /// Items on the page at the most. A larger number is cut to the most that the server gives.
    #[serde(default)]
    #[param(value_type = Option<u32>, minimum = 1)]
    pub(super) limit: Option<String>,
    /// The `next` of the page before. Without it the list begins with the newest.
    #[serde(default)]
    pub(super) cursor: Option<String>,
}

impl From<&Webhook> for Shown {
    fn from(webhook: &Webhook) -> Self {
        let paused = webhook.paused.as_ref().map(|paused| ShownPause {
            reason: paused.reason,
            since: paused.since.to_string(),
            detail: paused.detail.clone(),
        });
        let secrets = webhook.secrets.iter().map(|secret| ShownSecret {
            number: secret.number,
            created: secret.created.to_string(),
        });
        Self {
            id: webhook.id.to_string(),
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            events: webhook.events.parts().to_vec(),
            order: webhook.order,
            created: webhook.created.to_string(),
            paused,
            failing_since: shown(webhook.failing_since),
            last_accepted: shown(webhook.accepted),
            secrets: secrets.collect(),
        }
    }
}

impl From<&Attempt> for ShownAttempt {
    fn from(attempt: &Attempt) -> Self {
        let Attempt { at, status, error, took } = attempt.clone();
        Self { at, status, error, took }
    }
}

impl From<&Delivery> for ShownDelivery {
    fn from(delivery: &Delivery) -> Self {
        Self {
            number: delivery.no.number(),
            organization: delivery.organization.to_string(),
            event: delivery.event.number(),
            kind: delivery.kind.clone(),
            state: delivery.state,
            due: shown(delivery.due),
            created: delivery.created.to_string(),
            attempts: delivery.log.iter().map(ShownAttempt::from).collect(),
        }
    }
}

/// No members.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Empty)]
pub(super) struct Nothing {}
