//! `doorward webhook`

mod shown;

use anyhow::{Context as _, Result, anyhow};
use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
    value_parser,
};
use directory::{
    DeliveryNo, EventNo, Installation, WebhookId,
    webhook::{Change, Filter, NewWebhook, Order, Replay, State, Webhooks},
};
use doorward::config::Config;
use serde_json::json;
use server::outbound::Outbound;

use super::{
    confirm::confirm,
    organization::find,
    outbound,
    store::{self, Missing},
};
use crate::answer::Answer;

/// `doorward webhook`
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a webhook; its secret is shown once
    Create(Create),
    /// Webhooks, never their secrets
    List(Owner),
    /// One webhook, and how much waits for it
    Show(One),
    /// Change where events are sent to, which, or in which order
    Change(Box<ChangeOptions>),
    /// Make a further secret: messages carry a signature of each until one is retired
    Rotate(One),
    /// Retire a secret: it signs no longer
    Retire {
        #[command(flatten)]
        one: One,
        /// Number of the secret, as `doorward webhook show` shows it
        #[arg(value_parser = value_parser!(i64).range(1..))]
        number: i64,
    },
    /// Send nothing until it is resumed
    Pause(One),
    /// Send again, and at once what waits
    Resume {
        #[command(flatten)]
        one: One,
        /// Give up events that were sent as often as one is, so that what comes after them is sent
        #[arg(long)]
        skip: bool,
    },
    /// Send a message that says nothing, and tell what came of it
    Test(One),
    /// Send everything once more from an event on
    Replay {
        #[command(flatten)]
        one: One,
        /// Number of the first event
        #[arg(long, value_name = "NUMBER", value_parser = value_parser!(i64).range(1..))]
        from: i64,
        /// Short name of the organization of that event, for a webhook of the installation
        #[arg(long, value_name = "SLUG", conflicts_with = "organization")]
        from_organization: Option<String>,
    },
    /// What was sent and what waits, newest first
    Deliveries {
        #[command(flatten)]
        one: One,
        /// Those in this state only
        #[arg(long, value_parser = state())]
        state: Option<State>,
        /// How many are shown, at most
        #[arg(long, value_name = "N", default_value = "50",
              value_parser = value_parser!(u32).range(1..=1_000))]
        limit: u32,
    },
    /// Send an event once more that was given up
    Retry {
        #[command(flatten)]
        one: One,
        /// Number of the delivery, as `doorward webhook deliveries` shows it
        #[arg(value_parser = delivery)]
        number: DeliveryNo,
    },
    /// Delete a webhook, with what waits for it
    Delete {
        #[command(flatten)]
        one: One,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Whose webhooks.
#[derive(Debug, Args)]
pub(crate) struct Owner {
    /// Short name of the organization that the webhook tells of [default: all of the installation]
    #[arg(long, value_name = "SLUG")]
    organization: Option<String>,
}

/// One of them.
#[derive(Debug, Args)]
pub(crate) struct One {
    #[command(flatten)]
    owner: Owner,
    /// Id of the webhook, as `doorward webhook list` shows it
    #[arg(value_parser = id)]
    id: WebhookId,
}

/// `doorward webhook create`
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Where events are sent to: an address that begins with https
    url: String,
    #[command(flatten)]
    owner: Owner,
    /// A kind of event, such as user.archived, or user.* for all about users; may be given several
    /// times [default: all]
    #[arg(long = "event", value_name = "KIND")]
    events: Vec<String>,
    /// What it is for
    #[arg(long, default_value = "")]
    description: String,
    /// In which order: the events of each organization one after the other, or each as soon as it
    /// can be
    #[arg(long, default_value = "organization", value_parser = order())]
    order: Order,
}

/// `doorward webhook change`
#[derive(Debug, Args)]
pub(crate) struct ChangeOptions {
    #[command(flatten)]
    one: One,
    /// Where events are sent to, those that wait, too
    #[arg(long)]
    url: Option<String>,
    /// A kind of event; may be given several times
    #[arg(long = "event", value_name = "KIND", conflicts_with = "all_events")]
    events: Vec<String>,
    /// All kinds of events
    #[arg(long)]
    all_events: bool,
    /// What it is for
    #[arg(long)]
    description: Option<String>,
    /// In which order
    #[arg(long, value_parser = order())]
    order: Option<Order>,
}

fn id(text: &str) -> Result<WebhookId, &'static str> {
    WebhookId::parse(text).ok_or("a webhook has an id, which `doorward webhook list` shows")
}

fn delivery(text: &str) -> Result<DeliveryNo, &'static str> {
    DeliveryNo::parse(text)
        .ok_or("a delivery has a number, which `doorward webhook deliveries` shows")
}

fn order() -> impl TypedValueParser<Value = Order> {
    PossibleValuesParser::new(Order::ALL.iter().map(|order| order.as_str()))
        .map(|word| Order::parse(&word).expect("the possible values are all orders"))
}

fn state() -> impl TypedValueParser<Value = State> {
    PossibleValuesParser::new(State::ALL.iter().map(|state| state.as_str()))
        .map(|word| State::parse(&word).expect("the possible values are all states"))
}

impl Owner {
    async fn webhooks(&self, installation: &Installation) -> Result<Webhooks> {
        Ok(match &self.organization {
            None => Webhooks::of_installation(installation),
            Some(slug) => {
                let (access, _) = find(installation, slug).await?;
                Webhooks::of_organization(installation.store(), &access)
            }
        })
    }
}

pub(crate) async fn run(command: Command, config: &Config) -> Result<Answer> {
    let missing = match command {
        Command::Create(_) => Missing::Create,
        _ => Missing::Refuse,
    };
    let outbound = async |installation: &Installation| outbound::of(installation, config).await;
    store::with(config, missing, async |installation| match command {
        Command::Create(options) => {
            create(installation, &outbound(installation).await?, options).await
        }
        Command::List(owner) => {
            let all = owner.webhooks(installation).await?.list().await?;
            Ok(shown::list(&all, owner.organization.as_deref()))
        }
        Command::Show(One { owner, id }) => {
            let (webhook, waiting, given_up) = owner.webhooks(installation).await?.look(id).await?;
            Ok(shown::one(&webhook, Some((waiting, given_up)), None))
        }
        Command::Change(options) => {
            change(installation, &outbound(installation).await?, *options).await
        }
        Command::Rotate(One { owner, id }) => {
            let made = owner.webhooks(installation).await?.rotate(id).await?;
            Ok(shown::made(&made))
        }
        Command::Retire { one: One { owner, id }, number } => {
            let webhook = owner.webhooks(installation).await?.retire(id, number).await?;
            let text = format!("Secret {number} signs no longer.");
            Ok(shown::one(&webhook, None, Some(&text)))
        }
        Command::Pause(One { owner, id }) => {
            let webhook = owner.webhooks(installation).await?.pause(id).await?;
            let text =
                "Nothing is sent until `doorward webhook resume`; what happens is kept for it.";
            Ok(shown::one(&webhook, None, Some(text)))
        }
        Command::Resume { one: One { owner, id }, skip } => {
            let webhook = owner.webhooks(installation).await?.resume(id, skip).await?;
            Ok(shown::one(&webhook, None, Some("What waits is sent by the server at once.")))
        }
        Command::Test(One { owner, id }) => {
            let webhooks = owner.webhooks(installation).await?;
            let outbound = outbound(installation).await?;
            let sent = server::webhook::test(&outbound, installation.store(), &webhooks, id);
            Ok(shown::test(&sent.await?))
        }
        Command::Replay { one: One { owner, id }, from, from_organization } => {
            let organization = match &from_organization {
                None => None,
                Some(slug) => Some(find(installation, slug).await?.1.id),
            };
            let from = Replay { organization, event: EventNo::from(from) };
            let webhook = owner.webhooks(installation).await?.replay(id, from).await?;
            let text = format!("Everything from event {} on is sent once more.", from.event);
            Ok(shown::one(&webhook, None, Some(&text)))
        }
        Command::Deliveries { one: One { owner, id }, state, limit } => {
            let webhooks = owner.webhooks(installation).await?;
            Ok(shown::deliveries(&webhooks.deliveries(id, state, (None, limit)).await?))
        }
        Command::Retry { one: One { owner, id }, number } => {
            owner.webhooks(installation).await?.retry(id, number).await?;
            let json = json!({ "webhook": id, "delivery": number });
            Ok(Answer::new(json, format!("Delivery {number} is sent once more.")))
        }
        Command::Delete { one: One { owner, id }, yes } => {
            let webhooks = owner.webhooks(installation).await?;
            let url = webhooks.get(id).await?.url;
            let question =
                format!("The webhook {id} will be deleted: nothing is sent to {url} any more.");
            confirm(yes, &question, &id.to_string())?;
            webhooks.delete(id).await?;
            let json = json!({ "id": id, "deleted": true });
            Ok(Answer::new(json, format!("The webhook {id} is deleted.")))
        }
    })
    .await
}

fn check(outbound: &Outbound, url: &str) -> Result<()> {
    outbound
        .check(url)
        .map_err(|failure| anyhow!("{failure}"))
        .context("messages cannot be sent there")
}

async fn create(
    installation: &Installation,
    outbound: &Outbound,
    options: Create,
) -> Result<Answer> {
    let Create { url, owner, events, description, order } = options;
    check(outbound, &url)?;
    let new = NewWebhook { url, description, events: Filter::parse(events)?, order };
    Ok(shown::made(&owner.webhooks(installation).await?.create(new).await?))
}

async fn change(
    installation: &Installation,
    outbound: &Outbound,
    options: ChangeOptions,
) -> Result<Answer> {
    let ChangeOptions { one: One { owner, id }, url, events, all_events, description, order } =
        options;
    if let Some(url) = &url {
        check(outbound, url)?;
    }
    let events = if all_events || !events.is_empty() { Some(Filter::parse(events)?) } else { None };
    let change = Change { url, description, events, order };
    let webhook = owner.webhooks(installation).await?.change(id, change).await?;
    Ok(shown::one(&webhook, None, None))
}
