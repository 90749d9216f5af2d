//! Webhooks: events that are sent to an address, by the text of Standard Webhooks.
//!
//! A [`Webhook`] belongs to an organization, or to the installation and then tells of all organizations. It follows
//! the events from its [position](crate::feed::Position) on; what was taken and not accepted yet waits in
//! rows of its own ([`delivery`]), so that the position can go on where the order allows it. [`work`] is
//! what whoever sends does: it claims a webhook for a while, sends what its [`Turn`](work::Turn) holds, and
//! records what came of it. Nothing here knows HTTP.
//!
//! [`Webhooks`] are those of one owner, and its methods the verbs.

pub mod delivery;
pub(crate) mod endpoint;
mod filter;
mod home;
mod owner;
mod schedule;
pub(crate) mod secret;
pub mod work;

pub(crate) use self::endpoint::{LONGEST_DESCRIPTION, LONGEST_URL, MOST};
pub use self::{
    delivery::{Attempt, Delivery, State},
    endpoint::{Change, Made, NewWebhook, Order, Paused, Reason, Webhook, create, rotate},
    filter::Filter,
    owner::{Replay, Webhooks},
    schedule::{AGAIN_AFTER, MOST_ATTEMPTS},
    secret::{KeptSecret, MOST_LIVE, Secret},
};
