//! What commands print of webhooks.

use directory::{
    Time,
    webhook::{Attempt, Delivery, Made, Webhook},
};
use serde_json::{Value as Json, json};

use crate::{
    answer::Answer,
    table::{self, cut, number, whole},
};

fn time(time: Option<Time>) -> Option<String> {
    time.map(|time| time.to_string())
}

fn state(webhook: &Webhook) -> &'static str {
    match (&webhook.paused, webhook.failing_since) {
        (Some(_), _) => "paused",
        (None, Some(_)) => "failing",
        (None, None) => "active",
    }
}

/// A webhook, for programs.
fn view(webhook: &Webhook) -> Json {
    let secrets: Json = webhook
        .secrets
        .iter()
        .map(|secret| json!({ "number": secret.number, "created": secret.created.to_string() }))
        .collect();
    let paused = webhook.paused.as_ref().map(|paused| {
        json!({
            "reason": paused.reason,
            "since": paused.since.to_string(),
            "detail": paused.detail,
        })
    });
    json!({
        "id": webhook.id,
        "url": webhook.url,
        "description": webhook.description,
        "events": webhook.events,
        "order": webhook.order,
        "state": state(webhook),
        "created": webhook.created.to_string(),
        "paused": paused,
        "failing_since": time(webhook.failing_since),
        "last_accepted": time(webhook.accepted),
        "secrets": secrets,
    })
}

/// A sheet of a webhook, with how many events wait and how many were given up, and a remark.
pub(super) fn one(webhook: &Webhook, counts: Option<(i64, i64)>, remark: Option<&str>) -> Answer {
    let mut json = view(webhook);
    let secrets: Vec<String> =
        webhook.secrets.iter().map(|secret| secret.number.to_string()).collect();
    let events = match webhook.events.parts() {
        [] => "all".to_owned(),
        parts => parts.join(", "),
    };
    let mut lines = vec![
        ("webhook", webhook.id.to_string()),
        ("url", webhook.url.clone()),
        ("description", webhook.description.clone()),
        ("events", events),
        ("order", webhook.order.to_string()),
        ("state", state(webhook).to_owned()),
        ("secrets", secrets.join(", ")),
    ];
    if let Some(paused) = &webhook.paused {
        let detail = paused.detail.as_ref().map_or(String::new(), |detail| format!(": {detail}"));
        lines.push(("paused", format!("{} since {}{detail}", paused.reason, paused.since)));
    }
    if let Some(since) = webhook.failing_since {
        lines.push(("failing since", since.to_string()));
    }
    if let Some((waiting, given_up)) = counts {
        json["waiting"] = waiting.into();
        json["given_up"] = given_up.into();
        lines.push(("waiting", waiting.to_string()));
        lines.push(("given up", given_up.to_string()));
    }
    let shown = lines.iter().filter(|(_, value)| !value.is_empty());
    let mut text = table::sheet(shown.map(|(name, value)| (*name, value.as_str())));
    if let Some(remark) = remark {
        text = format!("{text}\n{remark}");
    }
    Answer::new(json, text)
}

/// A webhook with a secret that was just made.
pub(super) fn made(made: &Made) -> Answer {
    let mut json = view(&made.webhook);
    json["secret"] = made.secret.reveal().into();
    let text = format!(
        "Events are sent to {}, by the webhook {}. Its secret:\n\n  {}\n\nThe secret is shown once. \
         `doorward webhook test` sends a message to see whether it arrives.",
        made.webhook.url,
        made.webhook.id,
        made.secret.reveal(),
    );
    Answer::new(json, text)
}

pub(super) fn list(all: &[Webhook], organization: Option<&str>) -> Answer {
    let json = json!({ "webhooks": all.iter().map(view).collect::<Json>() });
    if all.is_empty() {
        let option = organization.map_or(String::new(), |slug| format!(" --organization {slug}"));
        let text =
            format!("There is no webhook yet; `doorward webhook create URL{option}` makes one.");
        return Answer::new(json, text);
    }
    let columns = [whole("webhook"), whole("state"), whole("last accepted"), cut("url")];
    let row = |webhook: &Webhook| {
        [
            webhook.id.to_string(),
            state(webhook).to_owned(),
            time(webhook.accepted).unwrap_or("-".to_owned()),
            webhook.url.clone(),
        ]
    };
    Answer::new(json, table::columns(columns, all.iter().map(row)))
}

/// What came of an attempt, in a few words.
fn outcome(attempt: &Attempt) -> String {
    match (attempt.status, &attempt.error) {
        (Some(status), _) => status.to_string(),
        (None, Some(error)) => error.clone(),
        (None, None) => "-".to_owned(),
    }
}

pub(super) fn test((message, attempt): &(String, Attempt)) -> Answer {
    let json = json!({
        "message": message,
        "status": attempt.status,
        "error": attempt.error,
        "took": attempt.took,
    });
    let text = match (attempt.status, &attempt.error) {
        (Some(status @ 200..=299), _) => {
            format!("The receiver accepted {message} with {status}, in {} ms.", attempt.took)
        }
        (Some(status), _) => format!("The receiver answered {message} with {status}."),
        (None, error) => {
            let error = error.as_deref().unwrap_or("there was no answer");
            format!("The message {message} did not arrive: {error}.")
        }
    };
    Answer::new(json, text)
}

pub(super) fn deliveries(all: &[Delivery]) -> Answer {
    let view = |delivery: &Delivery| {
        json!({
            "number": delivery.no,
            "organization": delivery.organization,
            "event": delivery.event,
            "kind": delivery.kind,
            "state": delivery.state,
            "due": time(delivery.due),
            "created": delivery.created.to_string(),
            "attempts": delivery.log,
        })
    };
    let json = json!({ "deliveries": all.iter().map(view).collect::<Json>() });
    if all.is_empty() {
        return Answer::new(json, "Nothing was sent yet, and nothing waits.".to_owned());
    }
    let columns = [
        number("delivery"),
        number("event"),
        cut("kind"),
        whole("state"),
        number("attempts"),
        whole("created"),
        cut("last"),
    ];
    let row = |delivery: &Delivery| {
        [
            delivery.no.to_string(),
            delivery.event.to_string(),
            delivery.kind.clone(),
            delivery.state.to_string(),
            delivery.log.len().to_string(),
            delivery.created.to_string(),
            delivery.log.last().map_or("-".to_owned(), outcome),
        ]
    };
    Answer::new(json, table::columns(columns, all.iter().map(row)))
}
